"""The field app's door: signing in, pulling, sending operations and photos. See docs/field.md.

Its writes carry no ``Idempotency-Key``: every operation and upload has an id of its own, made on the phone, and comes once by that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.middleware.gzip import GZipMiddleware
from ninja import Router, Schema, Status
from ninja.signature.utils import get_typed_signature
from pydantic import ValidationError

from safegrid.accounts.selectors import device_state
from safegrid.field import assembly, services, signing
from safegrid.field.admission import Busy, admission
from safegrid.field.own import me
from safegrid.field.pull import pull as changes_since
from safegrid.field.schemas import (
    AnswersOut,
    Batch,
    OperationsIn,
    PullOut,
    SignedIn,
    SignInIn,
    StateOut,
    UploadIn,
    UploadOut,
)
from safegrid.field.services.uploads import MOST_CHUNK, WrongOffset
from safegrid.foundation import clock
from safegrid.foundation.api import current_user
from safegrid.foundation.api.problems import answer
from safegrid.foundation.api.words import fields_of
from safegrid.foundation.errors import InvalidInput

router = Router()
_gzip = GZipMiddleware(lambda _: HttpResponse())
BYTES = {"requestBody": {"required": True, "content": {"application/octet-stream": {}}}}
assembly.offer()  # a context that offers what cannot be offered stops the start


def body_of(schema: type[Schema]) -> dict[str, Any]:
    """Return what the contract says of a body that the view reads by itself, shapes inside it written out in their place."""
    shape = schema.model_json_schema(ref_template="{model}")
    inside = shape.pop("$defs", {})
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": _written_out(shape, inside)}}}}


def _written_out(shape: Any, inside: dict[str, Any]) -> Any:
    if isinstance(shape, list):
        return [_written_out(one, inside) for one in shape]
    if not isinstance(shape, dict):
        return shape
    named = inside.get(shape.get("$ref", ""), {})
    return {name: _written_out(part, inside) for name, part in {**named, **shape}.items() if name != "$ref"}


def compressed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the answer compressed for those who take it: phones pay for their bytes."""
    return _gzip.process_response(request, response)  # type: ignore[return-value]


@router.post("/field/sign-in", response=SignedIn, auth=None, summary="手机应用登录")
def sign_in(request: HttpRequest, payload: SignInIn) -> Any:
    values = payload.dict()
    signed = signing.sign_in(request, name=values.pop("device_name"), **values)
    if isinstance(signed, HttpResponse):
        return signed
    user, county = signed
    return {"me": me(user, county), "server_time": clock.now()}


@router.get("/field/session", response=SignedIn, summary="手机应用的当前登录")
def session(request: HttpRequest) -> Any:
    device = signing.device_of(request)
    get_token(request)
    return {"me": me(current_user(request), device.county), "server_time": clock.now()}


@router.post("/field/sign-out", response={204: None}, summary="手机应用退出登录")
def sign_out(request: HttpRequest) -> Any:
    signing.device_of(request)
    auth.logout(request)
    return Status(204, None)


@router.get(
    "/field/devices/{device_id}/state", response=StateOut, auth=None, summary="设备是仅登录过期，还是已被远程注销"
)
def state(request: HttpRequest, device_id: UUID) -> Any:
    get_token(request)  # so that a phone without the cookie can sign in
    return {"state": device_state(device_id)}


def admitted(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let so many requests in as this process may work on at once; answer the others 503 at once: to the phone, "later"."""

    @wraps(view)
    def let_in(request: HttpRequest, *args: Any, **values: Any) -> Any:
        try:
            with admission.one():
                return view(request, *args, **values)
        except Busy as busy:
            refused = answer(503, "busy")
            refused.headers["Retry-After"] = str(busy.retry_after)
            # As it is meant to be; with a thousand phones the log would tell nothing else.
            refused._has_been_logged = True  # type: ignore[attr-defined]
            return refused

    # Written annotations are names of this module, where ninja would not look through the wrapper.
    let_in.__signature__ = get_typed_signature(view)  # type: ignore[attr-defined]
    return let_in


@router.get("/field/{county}/pull", response=PullOut, summary="取回变动的数据与不再归我的数据")
@admitted
def pull(request: HttpRequest, county: int, cursor: str = "") -> Any:
    device = signing.device_of(request, county)
    content = changes_since(acting_user=current_user(request), device=device, cursor=cursor)
    return compressed(request, HttpResponse(content, content_type="application/json; charset=utf-8"))


@router.post(
    "/field/{county}/operations",
    response=AnswersOut,
    summary="提交手机上办理的操作",
    openapi_extra=body_of(OperationsIn),
)
@admitted
def operations(request: HttpRequest, county: int) -> Any:
    """Each operation is read on its own, so the body is not read by its schema: one spoilt letter must not hold up the rest."""
    device = signing.device_of(request, county)
    batch = _batch(request)
    answers = services.carry_out(
        acting_user=current_user(request), device=device, device_now=batch.device_now, operations=batch.operations
    )
    return {"server_time": clock.now(), "answers": answers}


def _batch(request: HttpRequest) -> Batch:
    try:
        return Batch.model_validate_json(request.body)
    except ValidationError as error:
        raise InvalidInput(fields_of([{**one, "loc": ("query", *one["loc"])} for one in error.errors()])) from None


@router.post("/field/{county}/uploads", response=UploadOut, summary="申报要上传的照片，或询问已传到哪里")
@admitted
def announce(request: HttpRequest, county: int, payload: UploadIn) -> Any:
    signing.device_of(request, county)
    facts = payload.dict()
    upload_id = facts.pop("id")
    actor = current_user(request)
    return _progress(services.announce(acting_user=actor, county=county, upload_id=upload_id, facts=facts))


@router.put("/field/{county}/uploads/{upload_id}", response=UploadOut, summary="上传照片的一段", openapi_extra=BYTES)
@admitted
def take_chunk(request: HttpRequest, county: int, upload_id: UUID, offset: int) -> Any:
    signing.device_of(request, county)
    if int(request.headers.get("Content-Length") or 0) > MOST_CHUNK:
        return answer(413, "too_large", f"每段不超过 {MOST_CHUNK} 字节")
    actor = current_user(request)
    try:
        return _progress(
            services.take_chunk(acting_user=actor, county=county, upload_id=upload_id, offset=offset, data=request.body)
        )
    except WrongOffset as error:
        return answer(error.status, error.code, error.message, received=error.received)


def _progress(upload: Any) -> dict[str, Any]:
    return {"received": upload.received, "done": upload.attachment_id is not None}
