from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.duties"
    label = "duties"
