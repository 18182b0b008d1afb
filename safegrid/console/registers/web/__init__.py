"""Addresses that belong to all registers."""

from django.urls import path

from safegrid.console.registers.web import bulk, search, views

app_name = "console"
urlpatterns = [
    path("bulk/<int:county>/<uuid:bulk_run_id>/", bulk.bulk, name="bulk"),
    path("bulk/<int:county>/<uuid:bulk_run_id>/result.xlsx", bulk.result, name="bulk_result"),
    path("search/", search.search, name="search"),
    path("views/", views.save, name="save_view"),
    path("views/<uuid:view_id>/default/", views.default, name="default_view"),
    path("views/<uuid:view_id>/delete/", views.delete, name="delete_view"),
]
