from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.regions"
    label = "regions"
