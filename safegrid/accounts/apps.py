from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.accounts"
    label = "accounts"

    def ready(self) -> None:
        from safegrid.accounts import checks, signals, tasks  # noqa: F401  (register checks and periodic tasks)
        from safegrid.accounts.services import user_of_token
        from safegrid.foundation.api import register_token_lookup

        signals.connect()
        register_token_lookup(user_of_token)
