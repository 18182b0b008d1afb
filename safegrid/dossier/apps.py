from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.dossier"
    label = "dossier"
