from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.handbook"
    label = "handbook"
