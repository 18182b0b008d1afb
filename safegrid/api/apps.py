from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.api"
    label = "api"
