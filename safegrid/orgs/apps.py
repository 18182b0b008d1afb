from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.orgs"
    label = "orgs"

    def ready(self) -> None:
        from safegrid.accounts.bodies import register_departments
        from safegrid.orgs.selectors import choices

        register_departments(choices)
