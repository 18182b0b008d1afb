from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.cases"
    label = "cases"

    def ready(self) -> None:
        from safegrid.cases import tasks  # noqa: F401  (registers the queue's handlers)
