"""The API as a whole: its addresses, the names of its operations, and the problem that any of them may answer with."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import re_path
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation, PathView

from safegrid.foundation.api.auth import AUTH
from safegrid.foundation.api.parsing import CleanParser
from safegrid.foundation.api.problems import Problem, answer, install

REFUSAL = {
    "description": "未能执行，原因见 detail 与 fields",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class SafeGridAPI(NinjaAPI):
    """A ninja API behind ``AUTH`` whose every refusal, unknown addresses and methods included, is a problem."""

    def __init__(self, **options: Any) -> None:
        super().__init__(auth=AUTH, parser=CleanParser(), **options)
        self._schemas: dict[str, OpenAPISchema] = {}
        install(self)

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return ``context_function``: what generated clients name the call."""
        context = operation.view_func.__module__.split(".")[1]
        return f"{context}_{operation.view_func.__name__}"

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        """Return ninja's schema with the problem that any operation may answer with; made once, since it takes most of a second.

        Not to be changed by whoever gets it.
        """
        asked = repr(sorted(where.items()))
        if asked not in self._schemas:
            self._schemas[asked] = self._schema(**where)
        return self._schemas[asked]

    def _schema(self, **where: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**where)
        shape = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schema["components"].setdefault("schemas", {})["Problem"] = shape
        for methods in schema["paths"].values():
            for operation in methods.values():
                answers = {str(status): answer for status, answer in operation["responses"].items()}
                operation["responses"] = {**answers, "default": REFUSAL}
        return schema

    def _get_urls(self) -> list[Any]:
        urls = super()._get_urls()
        for bound_router in self._get_bound_routers():
            for view in bound_router.path_operations.values():
                view._not_allowed = _other_methods(view)  # type: ignore[method-assign]
        return [*urls, re_path(r"^.*$", _unknown)]


def _unknown(request: HttpRequest) -> HttpResponse:
    return answer(404, "not_found")


def _other_methods(view: PathView) -> Any:
    allowed = ", ".join(sorted({method for operation in view.operations for method in operation.methods}))

    def refuse() -> HttpResponse:
        response = answer(405, "method_not_allowed")
        response.headers["Allow"] = allowed
        return response

    return refuse
