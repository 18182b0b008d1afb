from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.notices"
    label = "notices"
