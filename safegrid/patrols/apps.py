from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.patrols"
    label = "patrols"

    def ready(self) -> None:
        from safegrid.patrols import tasks  # noqa: F401 - registers the queue's handlers
