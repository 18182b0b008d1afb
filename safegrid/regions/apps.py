from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.regions"
    label = "regions"

    def ready(self) -> None:
        from safegrid.regions import tasks  # noqa: F401 - registers the periodic task
