from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.notices"
    label = "notices"

    def ready(self) -> None:
        from safegrid.notices import tasks  # noqa: F401  (registers the queue's handlers)
