from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.sites"
    label = "sites"
