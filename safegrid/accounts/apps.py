from django.apps import AppConfig


class Config(AppConfig):
    name = "safegrid.accounts"
    label = "accounts"
