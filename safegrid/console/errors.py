"""Pages for what went wrong, in words that say what to do next. They ask nothing of the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from safegrid.foundation import trace
from safegrid.foundation.api.problems import problem_of
from safegrid.foundation.errors import NotPermitted, SafeGridError

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


@dataclass(frozen=True)
class Words:
    title: Any
    advice: Any


PAGES = {
    400: Words(_("请求无法识别"), _("地址或提交的内容不完整。请返回上一页重新操作。")),
    403: Words(_("没有权限"), _("您的角色不能打开这一页或进行这项操作。如果工作需要，请联系本地区系统管理员。")),
    404: Words(_("找不到该内容"), _("它可能已经变更，或不在您的管辖范围内。请回到工作台重新进入。")),
    409: Words(_("现在不能这样做"), _("这条记录的状态已经变化。请返回、刷新后再试。")),
    413: Words(_("提交的内容过大"), _("请减少一次上传的照片数量，或压缩文件后再试。")),
    422: Words(_("填写有误"), _("请返回上一页，改正后重新提交。")),
    429: Words(_("操作过于频繁"), _("请稍等一分钟再试。已经提交的内容不会丢失。")),
    500: Words(
        _("系统出错了"),
        _("这次操作没有完成，也没有留下半截数据。请稍后再试；仍不行时请把页面下方的编号告诉系统管理员。"),
    ),
}


def page(request: HttpRequest, status: int, said: str = "") -> HttpResponse:
    """Answer with the page of ``status``; ``said`` is what the refusing code had to say, in Chinese."""
    words = PAGES.get(status, PAGES[400])
    context = {"status": status, "words": words, "said": said, "request_id": trace.current().request_id}
    return render(request, "console/error.html", context, status=status)


def refusal(request: HttpRequest, error: SafeGridError) -> HttpResponse:
    """Answer what a view refused. Scripts get problem+json, which they show; a form in a page gets words to swap in."""
    if request.headers.get("HX-Request") != "true":
        return page(request, error.status, error.message)
    if error.status in {409, 422}:  # what htmx puts into the page (frontend/src/requests.ts)
        return render(request, "console/_refusal.html", {"said": error.message}, status=error.status)
    return problem_of(request, error)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_program(request):
        return problem_of(request, exception)
    return page(request, 413 if isinstance(exception, TOO_MUCH) else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_program(request):
        return problem_of(request, NotPermitted(_chinese(exception) or str(PAGES[403].title)))
    return page(request, 403, _chinese(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_program(request):
        return problem_of(request, exception)
    return page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return page(request, 500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is missing or old: signed in anew elsewhere, or left open for too long."""
    return page(request, 403, str(_("页面停留过久或登录状态已变化，请刷新页面后重新提交。")))


def _chinese(exception: Exception) -> str:
    said = str(exception)
    return said if any("\u4e00" <= letter <= "\u9fff" for letter in said) else ""


def _is_program(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or request.headers.get("HX-Request") == "true"
