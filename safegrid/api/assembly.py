"""Finds the contexts' routers and puts them together."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import re_path
from ninja import NinjaAPI, Router
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from safegrid.foundation.api.problems import Problem, answer

# In the order of the documentation. A context without an ``api`` module has nothing to offer here.
CONTEXTS = (
    "accounts",
    "regions",
    "files",
    "notices",
    "orgs",
    "sites",
    "grids",
    "handbook",
    "duties",
    "cases",
    "patrols",
)


class SafeGridAPI(NinjaAPI):
    """Answers unknown addresses under its prefix with a problem instead of a page, and says so in its contract."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        context = operation.view_func.__module__.split(".")[1]
        return f"{context}_{operation.view_func.__name__}"

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        """Return ninja's schema with the problem that any operation may answer with."""
        schema = super().get_openapi_schema(**where)
        shape = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schema["components"].setdefault("schemas", {})["Problem"] = shape
        refusal = {
            "description": "未能执行，原因见 detail 与 fields",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for methods in schema["paths"].values():
            for operation in methods.values():
                answers = {str(status): answer for status, answer in operation["responses"].items()}
                operation["responses"] = {**answers, "default": refusal}
        return schema

    def _get_urls(self) -> list[Any]:
        return [*super()._get_urls(), re_path(r"^.*$", _unknown)]


def _unknown(request: HttpRequest) -> HttpResponse:
    return answer(404, "not_found")


def routers() -> list[tuple[str, Router]]:
    """Return the ``router`` of every context that has one; a module that exists but does not load stops the start."""
    found = []
    for context in CONTEXTS:
        name = f"safegrid.{context}.api"
        if find_spec(name) is not None:
            found.append((context, import_module(name).router))
    return found
