from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.patrols"
    label = "patrols"
