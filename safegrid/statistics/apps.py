from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.statistics"
    label = "statistics"

    def ready(self) -> None:
        from safegrid.statistics import tasks  # noqa: F401  (registers its handlers)
