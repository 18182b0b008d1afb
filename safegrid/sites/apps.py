from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.sites"
    label = "sites"

    def ready(self) -> None:
        from safegrid.sites import tasks  # noqa: F401  (registers the queue's handlers)
