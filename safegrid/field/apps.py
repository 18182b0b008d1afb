from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.field"
    label = "field"

    def ready(self) -> None:
        from safegrid.accounts import phones
        from safegrid.field import (
            selectors,
            tasks,  # noqa: F401  (registers its handlers)
        )

        phones.register_words(selectors.told_by)
