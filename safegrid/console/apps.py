from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.console"
    label = "console"

    def ready(self) -> None:
        from safegrid.console import views
        from safegrid.foundation.web.saved import kept_by

        kept_by(views.views_of)
