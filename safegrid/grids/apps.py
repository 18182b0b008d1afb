from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.grids"
    label = "grids"
