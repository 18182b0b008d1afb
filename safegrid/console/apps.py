from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.console"
    label = "console"
