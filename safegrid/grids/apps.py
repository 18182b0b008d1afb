from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.grids"

    def ready(self) -> None:
        from safegrid.grids import gates, tasks  # noqa: F401 - registers the periodic tasks
        from safegrid.grids.hooks import register_notices

        gates.register_built_in()
        register_notices()
