from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.orgs"
    label = "orgs"
