from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.duties"
    label = "duties"

    def ready(self) -> None:
        from safegrid.duties import tasks  # noqa: F401  (registers the queue's handlers)
