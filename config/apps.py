"""Loads the page that says what follows what across contexts."""

from django.apps import AppConfig


class WiringConfig(AppConfig):
    name = "config"
    label = "config"

    def ready(self) -> None:
        from safegrid import wiring

        wiring.connect()
