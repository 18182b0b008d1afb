from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.cases"
    label = "cases"
