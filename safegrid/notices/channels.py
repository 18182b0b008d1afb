"""The ways out of the house: SMS over HTTP, a WeCom group robot, e-mail. Each is a gateway named by the settings."""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlparse

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

TIMEOUT_SECONDS = 10
MOST_BYTES = 64 * 1024
TRY_AGAIN = {408, 425, 429}


@dataclass(frozen=True)
class Message:
    """One notice on its way. ``reference`` names its delivery: gateways drop what they have seen, receipts bring it back."""

    reference: str
    kind: str
    title: str
    body: str
    phone: str
    email: str

    @property
    def text(self) -> str:
        return f"{self.title}\n{self.body}" if self.body else self.title


@dataclass(frozen=True)
class Outcome:
    """What a gateway made of a message: accepted, or not and whether another attempt makes sense."""

    accepted: bool
    outside_id: str = ""
    error: str = ""
    retry: bool = False


class Gateway(Protocol):
    """``send`` never raises for what the other side does; it says so in its outcome."""

    def send(self, message: Message) -> Outcome: ...

    def reaches(self, message: Message) -> bool:
        """Say whether the recipient has an address in this channel."""


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return HMAC-SHA256 of ``timestamp.body`` in hexadecimal; the same in both directions."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class SmsHttpGateway:
    """Posts signed JSON to the SMS provider's adapter.

    Request: ``{"reference", "phone", "text"}`` with ``X-SafeGrid-Timestamp`` and ``X-SafeGrid-Signature``.
    Answer: 2xx and ``{"id": "…"}``.
    """

    def __init__(self, url: str, secret: str, timeout: float = TIMEOUT_SECONDS) -> None:
        self.url, self.secret, self.timeout = url, secret, timeout

    def reaches(self, message: Message) -> bool:
        return bool(message.phone)

    def send(self, message: Message) -> Outcome:
        body = json.dumps({"reference": message.reference, "phone": message.phone, "text": message.text}).encode()
        stamp = str(int(time.time()))
        headers = {"X-SafeGrid-Timestamp": stamp, "X-SafeGrid-Signature": sign(self.secret, stamp, body)}
        answer, failure = post(self.url, body, headers, self.timeout)
        if failure is not None:
            return failure
        outside_id = str(answer.get("id") or "")
        if not outside_id:
            return Outcome(False, error="短信平台的应答没有编号", retry=True)
        return Outcome(True, outside_id=outside_id[:100])


class WeComGateway:
    """Posts to a WeCom group robot (企业微信群机器人), calling the recipient by mobile number."""

    BUSY = {-1, 45009}  # system busy; too many calls

    def __init__(self, url: str, timeout: float = TIMEOUT_SECONDS) -> None:
        self.url, self.timeout = url, timeout

    def reaches(self, message: Message) -> bool:
        return True

    def send(self, message: Message) -> Outcome:
        mentioned = [message.phone] if message.phone else []
        content = {"msgtype": "text", "text": {"content": message.text, "mentioned_mobile_list": mentioned}}
        answer, failure = post(self.url, json.dumps(content).encode(), {}, self.timeout)
        if failure is not None:
            return failure
        code = answer.get("errcode")
        if code == 0:
            return Outcome(True)
        return Outcome(False, error=f"企业微信返回错误 {code}", retry=not isinstance(code, int) or code in self.BUSY)


class EmailGateway:
    """Sends through Django's mail settings."""

    def reaches(self, message: Message) -> bool:
        return bool(message.email)

    def send(self, message: Message) -> Outcome:
        subject = " ".join(message.title.split())
        try:
            EmailMessage(subject, message.text, to=[message.email]).send()
        except smtplib.SMTPRecipientsRefused:
            return Outcome(False, error="邮件服务器拒收该地址")
        except (smtplib.SMTPException, OSError) as error:
            return Outcome(False, error=f"邮件服务器不可用（{type(error).__name__}）", retry=True)
        return Outcome(True)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any, **more: Any) -> None:
        return None


def post(url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> tuple[dict[str, Any], Outcome | None]:
    """Post JSON and return the answer's object, or the outcome of a failure. Follows no redirect, reads at most 64 KiB."""
    if urlparse(url).scheme not in {"http", "https"}:
        return {}, Outcome(False, error="网关地址必须以 http 或 https 开头")
    request = urllib.request.Request(url, body, {"Content-Type": "application/json; charset=utf-8", **headers})  # noqa: S310
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=timeout) as response:
            answer = json.loads(response.read(MOST_BYTES))
    except urllib.error.HTTPError as error:
        error.close()
        return {}, Outcome(
            False, error=f"网关返回 HTTP {error.code}", retry=error.code >= 500 or error.code in TRY_AGAIN
        )
    except TimeoutError:
        return {}, Outcome(False, error="网关超时没有应答", retry=True)
    except OSError as error:
        return {}, Outcome(False, error=f"网关连接失败（{type(error).__name__}）", retry=True)
    except Exception as error:  # http.client and json: the peer does not speak what it should
        return {}, Outcome(False, error=f"网关的应答无法读取（{type(error).__name__}）", retry=True)
    if not isinstance(answer, dict):
        return {}, Outcome(False, error="网关的应答不是 JSON 对象", retry=True)
    return answer, None


def gateways() -> dict[str, Gateway]:
    """Return the gateways that ``settings.NOTICE_GATEWAYS`` names: channel → {"gateway": dotted path, options…}."""
    made: dict[str, Gateway] = {}
    for channel, options in settings.NOTICE_GATEWAYS.items():
        rest = {name: value for name, value in options.items() if name != "gateway"}
        made[channel] = import_string(options["gateway"])(**rest)
    return made
