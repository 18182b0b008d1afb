"""Writes that happen once: the same ``Idempotency-Key`` again gets the stored answer, and nothing happens twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja.operation import Operation
from ninja.signature.utils import get_typed_signature
from ninja.utils import contribute_operation_callback

from safegrid.foundation import clock, trace
from safegrid.foundation.api.auth import current_user
from safegrid.foundation.api.problems import problem_of
from safegrid.foundation.errors import Conflict, InvalidInput, NotVisible
from safegrid.foundation.ids import uuid7
from safegrid.foundation.keys import cross_county
from safegrid.foundation.models import IdempotencyKey

HEADER = "Idempotency-Key"
LONGEST_KEY = 100
MOST_COUNTY = 999_999
KEPT_DAYS = 45  # a phone may stay offline for 30
View = TypeVar("View", bound=Callable[..., Any])
PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": True,
    "description": "每次操作自定的唯一标识（如 UUID）；网络重试时保持不变，同一标识只执行一次",
    "schema": {"type": "string", "maxLength": LONGEST_KEY},
}


def idempotent(view: View) -> View:
    """Make a write operation happen once for each key of a user; goes below ``@router.post(…)``.

    The key is kept in the transaction of the verb: a refusal (4xx) or a fault takes both back, so that it may be tried again.
    Raises ``InvalidInput`` without the header, ``Conflict`` when the key was used for another request. While the same key is
    being worked on, a second request waits for the first one's end.
    """

    @wraps(view)
    def once(request: HttpRequest, *args: Any, **values: Any) -> Any:
        kept, mine = _claim(request, _county(values))
        if mine:
            request._idempotency = kept  # type: ignore[attr-defined]
            return view(request, *args, **values)
        return _replay(kept)

    def prepare(operation: Operation) -> None:
        extra = dict(operation.openapi_extra or {})
        extra["parameters"] = [*extra.get("parameters", []), PARAMETER]
        operation.openapi_extra = extra
        operation._run_decorators = [*getattr(operation, "_run_decorators", []), _in_transaction]  # type: ignore[attr-defined]
        operation.run = _in_transaction(operation.run)  # type: ignore[method-assign,arg-type]

    # Written annotations are names of the view's module, where ninja would not look through the wrapper.
    once.__signature__ = get_typed_signature(view)  # type: ignore[attr-defined]
    contribute_operation_callback(once, prepare)
    return once  # type: ignore[return-value]


def _in_transaction(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Run an operation and keep its answer in one transaction; take everything back where the answer is a refusal."""

    @wraps(run)
    def runner(request: HttpRequest, **values: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                response = run(request, **values)
                kept = getattr(request, "_idempotency", None)
                if response.status_code >= 400:
                    transaction.set_rollback(True)
                elif kept is not None:
                    kept.status, kept.body = response.status_code, response.content.decode()
                    kept.save(update_fields=["status", "body"])
        except Exception as error:  # at commit: nothing was written
            return problem_of(request, error)
        return response

    return runner


def _claim(request: HttpRequest, county: int) -> tuple[IdempotencyKey, bool]:
    """Return the row of the request's key, and whether this request made it."""
    key = request.headers.get(HEADER, "").strip()
    if not key or len(key) > LONGEST_KEY:
        raise InvalidInput({HEADER: f"请求头 {HEADER} 必填，长度不超过 {LONGEST_KEY}"})
    if not 0 <= county <= MOST_COUNTY:
        raise NotVisible
    user_id, fingerprint = current_user(request).id, _fingerprint(request)
    row = IdempotencyKey(
        id=uuid7(), county=county, user_id=user_id, key=key, request_hash=fingerprint, created_at=clock.now()
    )
    # Where another transaction holds the same key, the database waits here for its end.
    IdempotencyKey.objects.bulk_create([row], ignore_conflicts=True)
    kept = IdempotencyKey.objects.get(county=county, user_id=user_id, key=key)
    if kept.id == row.id:
        return kept, True
    if kept.request_hash != fingerprint:
        raise Conflict("这个 Idempotency-Key 已用于另一个请求，请换一个新的标识")
    if not kept.status:
        raise Conflict("同一请求正在处理，请稍后再试")
    return kept, False


def _replay(kept: IdempotencyKey) -> HttpResponse:
    response = HttpResponse(kept.body, status=kept.status, content_type="application/json; charset=utf-8")
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _county(values: dict[str, Any]) -> int:
    """Return the county a request names in its path or body; the platform's where it names none."""
    for value in (values.get("county"), *[getattr(value, "county", None) for value in values.values()]):
        if isinstance(value, int):
            return value
    return trace.PLATFORM


def _fingerprint(request: HttpRequest) -> str:
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if (request.content_type or "").startswith("multipart/"):
        for name in sorted(request.POST):
            digest.update(repr((name, request.POST.getlist(name))).encode())
        for name in sorted(request.FILES):
            for upload in request.FILES.getlist(name):
                digest.update(repr((name, upload.name, upload.size)).encode())
                for chunk in upload.chunks():
                    digest.update(chunk)
                upload.seek(0)
    else:
        digest.update(request.body)
    return digest.hexdigest()


def purge() -> int:
    """Drop keys older than any phone that may still repeat them; return how many."""
    oldest = clock.now() - timedelta(days=KEPT_DAYS)
    with cross_county("the age of idempotency keys does not depend on the county"):
        return QuerySet(IdempotencyKey).filter(created_at__lt=oldest).delete()[0]
