from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.files"
    label = "files"
