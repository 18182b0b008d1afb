"""The documentation page: a list made on the server, so that nothing is fetched from elsewhere and no script is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

METHODS = ("get", "post", "put", "patch", "delete")
DEPTH = 4  # how far nested shapes are written out


@dataclass(frozen=True)
class Line:
    """One parameter or field: its dotted name, kind, whether it must be given, and a remark."""

    name: str
    kind: str
    required: bool
    remark: str = ""


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Line] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)
    answer: list[Line] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)


class OperationList(DocsBase):
    """Every operation with its parameters, body and answer, by context."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        schema: Mapping[str, Any] = api.get_openapi_schema()
        context = {"api": api, "groups": groups(schema), "openapi_url": self.get_openapi_url(api, kwargs)}
        return render(request, "api/docs.html", context)


def groups(schema: Mapping[str, Any]) -> dict[str, list[Operation]]:
    """Return the operations of an OpenAPI document by their first tag."""
    found: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if method in methods:
                tags = methods[method].get("tags") or [""]
                found.setdefault(tags[0], []).append(_operation(schema, path, method, methods[method]))
    return found


def _operation(schema: Mapping[str, Any], path: str, method: str, written: Mapping[str, Any]) -> Operation:
    parameters = [
        Line(p["name"], _kind(schema, p.get("schema", {})), bool(p.get("required")), p.get("description", ""))
        for p in written.get("parameters", [])
    ]
    statuses = sorted(str(status) for status in written.get("responses", {}) if status != "default")
    good: Mapping[str, Any] = next(
        (written["responses"][s] for s in written.get("responses", {}) if str(s).startswith("2")), {}
    )
    return Operation(
        id=written.get("operationId", f"{method}-{path}"),
        method=method.upper(),
        path=path,
        summary=written.get("summary", ""),
        description=written.get("description", ""),
        parameters=parameters,
        body=_content(schema, written.get("requestBody", {})),
        answer=_content(schema, good),
        statuses=statuses,
    )


def _content(schema: Mapping[str, Any], holder: Mapping[str, Any]) -> list[Line]:
    for media in holder.get("content", {}).values():
        return _lines(schema, media.get("schema", {}))
    return []


def _lines(schema: Mapping[str, Any], shape: Mapping[str, Any], prefix: str = "", depth: int = 0) -> list[Line]:
    shape = _resolved(schema, shape)
    if "items" in shape and isinstance(shape["items"], dict):
        return _lines(schema, shape["items"], f"{prefix}[]", depth)
    lines: list[Line] = []
    required = set(shape.get("required", []))
    for name, written in shape.get("properties", {}).items():
        label = f"{prefix}.{name}" if prefix else name
        remark = written.get("description", "") or _resolved(schema, written).get("title", "")
        lines.append(Line(label, _kind(schema, written), name in required, remark))
        if depth < DEPTH:
            lines += _lines(schema, written, label, depth + 1)
    return lines


def _resolved(schema: Mapping[str, Any], shape: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow references, and the one shape of "this or nothing"."""
    for _ in range(8):
        if "$ref" in shape:
            shape = schema["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]]
        elif len(shape.get("allOf", [])) == 1:
            shape = shape["allOf"][0]
        else:
            choices = [choice for choice in shape.get("anyOf", []) if choice.get("type") != "null"]
            if len(choices) != 1:
                return shape
            shape = choices[0]
    return shape


def _kind(schema: Mapping[str, Any], shape: Mapping[str, Any]) -> str:
    nullable = any(choice.get("type") == "null" for choice in shape.get("anyOf", []))
    shape = _resolved(schema, shape)
    kind = str(shape.get("format") or shape.get("type") or "any")
    if "enum" in shape:
        kind = " | ".join(str(value) for value in shape["enum"])
    if shape.get("type") == "array":
        kind = f"list[{_kind(schema, shape.get('items', {}))}]"
    return f"{kind} | null" if nullable else kind
