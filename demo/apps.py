from django.apps import AppConfig


class Config(AppConfig):
    """The demonstration county and the replay of real inspections: callers of every context's services, called by none."""

    name = "demo"
    label = "demo"
