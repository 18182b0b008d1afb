from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.grids"

    def ready(self) -> None:
        from safegrid.grids import gates, tasks  # noqa: F401 - registers the periodic tasks

        gates.register_built_in()
