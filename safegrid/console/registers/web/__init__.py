"""Addresses that belong to all registers."""

from django.urls import path

from safegrid.console.registers.web import search, views

app_name = "console"
urlpatterns = [
    path("search/", search.search, name="search"),
    path("views/", views.save, name="save_view"),
    path("views/<uuid:view_id>/default/", views.default, name="default_view"),
    path("views/<uuid:view_id>/delete/", views.delete, name="delete_view"),
]
