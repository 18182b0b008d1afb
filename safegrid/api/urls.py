"""Assembles the API from the contexts' routers."""

from ninja import NinjaAPI

api = NinjaAPI(title="安全网格 SafeGrid API", version="1", urls_namespace="api")
