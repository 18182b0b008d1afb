from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.field"
    label = "field"

    def ready(self) -> None:
        from safegrid.field import tasks  # noqa: F401  (registers its handlers)
