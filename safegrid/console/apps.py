from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.console"
    label = "console"

    def ready(self) -> None:
        from safegrid.console import tasks, views  # noqa: F401  (registers its handlers)
        from safegrid.console.county import auditing
        from safegrid.console.registers import actions, runs
        from safegrid.foundation.web.bulk import run_by
        from safegrid.foundation.web.saved import kept_by
        from safegrid.notices.kinds import register_kind

        kept_by(views.views_of)
        actions.register()
        run_by(runs.start_run)
        register_kind(auditing.NOTICE, "留痕核验结果")
