"""The field app's door: signing in, pulling, sending operations and photos. See docs/field.md.

Its writes carry no ``Idempotency-Key``: every operation and upload has an id of its own, made on the phone, and comes once by that.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from ninja import Router, Status

from safegrid.accounts.selectors import device_state
from safegrid.field import assembly, signing
from safegrid.field.own import me
from safegrid.field.schemas import SignedIn, SignInIn, StateOut
from safegrid.foundation import clock
from safegrid.foundation.api import current_user

router = Router()
assembly.offer()  # a context that offers what cannot be offered stops the start


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
