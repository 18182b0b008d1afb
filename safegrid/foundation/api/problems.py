"""Every refusal and fault of the API as problem+json (RFC 9457), in Chinese or English: the only place that does it."""

from __future__ import annotations

import json
import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from safegrid.foundation import trace
from safegrid.foundation.api.words import ENGLISH, TITLES, fields_of
from safegrid.foundation.errors import SafeGridError
from safegrid.foundation.faults import describe

logger = logging.getLogger("safegrid.api")
MEDIA_TYPE = "application/problem+json; charset=utf-8"


class Problem(Schema):
    """Why a request was not carried out. ``code`` is stable for programs; ``fields`` maps a field to what is wrong with it."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    fields: dict[str, str] = {}
    request_id: str = ""


PROBLEMS = {403: Problem, 404: Problem, 409: Problem, 422: Problem}


def install(api: NinjaAPI) -> None:
    """Answer every exception of ``api`` with ``problem_of``."""
    for kind in (Exception, SafeGridError, Http404, HttpError, AuthenticationError, ValidationError):
        api.add_exception_handler(kind, problem_of)  # type: ignore[arg-type]


def problem_of(request: HttpRequest, error: Exception) -> HttpResponse:
    """Return the answer to ``error``; an unforeseen one is logged and told without details."""
    if isinstance(error, HttpError) and isinstance(error.__cause__, SafeGridError):
        error = error.__cause__  # what the parser refused, wrapped by ninja
    if isinstance(error, SafeGridError):
        fields = getattr(error, "fields", {})
        return answer(error.status, error.code, error.message, fields)
    if isinstance(error, ValidationError):
        fields = fields_of(error.errors)
        return answer(422, "invalid_input", "；".join(fields.values()), fields)
    if isinstance(error, Http404):
        return answer(404, "not_found")
    if isinstance(error, RequestDataTooBig):
        return answer(413, "too_large")
    if isinstance(error, SuspiciousOperation):
        return answer(400, "bad_request")
    if isinstance(error, HttpError):
        return answer(error.status_code, _CODES.get(error.status_code, "error"))
    if isinstance(error, OperationalError) and "locked" in str(error):
        response = answer(503, "busy")
        response.headers["Retry-After"] = "2"
        return response
    got_request_exception.send(sender=None, request=request)
    logger.error("%s %s failed: %s", request.method, request.path, describe(error))
    return answer(500, "fault")


_CODES = {400: "bad_request", 401: "not_signed_in", 403: "not_permitted", 404: "not_found", 405: "method_not_allowed",
          413: "too_large", 429: "too_many_requests"}  # fmt: skip


def answer(
    status: int, code: str, message: str = "", fields: dict[str, str] | None = None, **more: Any
) -> HttpResponse:
    """Return one problem. English readers get the code's English words before a message that only exists in Chinese.

    ``more``: members of its own that a problem has besides (RFC 9457, 3.2).
    """
    title, general = TITLES.get(code, TITLES["error"])
    detail = message or general
    if (get_language() or "").startswith("en"):
        title, general = ENGLISH.get(code, ENGLISH["error"])
        translated = gettext(message) if message else ""
        detail = translated if translated != message else f"{general} ({message})" if message else general
    body: dict[str, Any] = {
        "type": f"urn:safegrid:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "fields": {name: gettext(words) for name, words in (fields or {}).items()},
        "request_id": trace.current().request_id,
        **more,
    }
    response = HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=MEDIA_TYPE)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
