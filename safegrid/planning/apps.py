from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.planning"

    def ready(self) -> None:
        from safegrid.planning import tasks  # noqa: F401 - registers the queue's handlers
        from safegrid.planning.hooks import register_notices

        register_notices()
