"""The inbox, the preferences, and the door for the SMS provider's receipts."""

from __future__ import annotations

import hmac
import json
import time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from safegrid.foundation.errors import NotVisible
from safegrid.foundation.keys import cross_county
from safegrid.foundation.web import BooleanFilter, Column, DateRangeFilter, NavItem, TextFilter, list_page, web_user
from safegrid.notices import kinds, selectors, services
from safegrid.notices.channels import sign

CLOCK_SKEW_SECONDS = 300
MOST_BYTES = 16 * 1024
FILTERS = [
    TextFilter("words", "标题或内容", columns=("title", "body")),
    BooleanFilter("read", "已读", yes=Q(read_at__isnull=False)),
    DateRangeFilter("created", "时间", column="created_at"),
]
COLUMNS = [
    Column("标题", "title", link=lambda row: reverse("notices:notice", args=[row.county, row.pk])),
    Column("内容", "body"),
    Column("类别", lambda row: kinds.label_of(row.kind)),
    Column("时间", "created_at", "time", sort="created_at"),
    Column(
        "状态",
        lambda row: "已读" if row.read_at else "未读",
        "badge",
        tone=lambda row: "gray" if row.read_at else "blue",
    ),
]


@never_cache
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    with cross_county(selectors.WHY):
        response: HttpResponse = list_page(
            request,
            selectors.inbox(web_user(request)),
            title="通知",
            columns=COLUMNS,
            order=("-created_at", "-id"),
            filters=FILTERS,
            template="notices/inbox.html",
            export_name="notices.inbox",
            empty="没有通知",
        )
    return response


@login_required
def notice(request: HttpRequest, county: int, notice_id: UUID) -> HttpResponse:
    """Mark a notice read and go to what it speaks of, or show it where it leads nowhere."""
    user = web_user(request)
    try:
        found = selectors.notice_for(user, county, notice_id)
    except NotVisible as error:
        raise Http404(error.message) from error
    services.mark_read(acting_user=user, notice=found)
    target = kinds.link_to(found.county, found.object_type, found.object_id)
    if target:
        return redirect(target)
    context = {"notice": found, "kind": kinds.label_of(found.kind), "deliveries": selectors.deliveries_of(found)}
    return render(request, "notices/notice.html", context)


@require_POST
@login_required
def read_all(request: HttpRequest) -> HttpResponse:
    count = services.mark_all_read(acting_user=web_user(request))
    messages.success(request, f"已将 {count} 条通知标为已读")
    return redirect("notices:inbox")


@never_cache
@login_required
def badge(request: HttpRequest) -> HttpResponse:
    """The unread count alone, for htmx."""
    return render(request, "notices/_badge.html", {"unread": selectors.unread_count(web_user(request))})


@never_cache
@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    table = selectors.preferences(user)
    if request.method == "POST":
        wanted = {(box.kind, box.channel): box.name in request.POST for _, row in table for box in row}
        services.set_preferences(acting_user=user, wanted=wanted)
        messages.success(request, "通知偏好已保存")
        return redirect("notices:preferences")
    context = {"table": table, "channels": selectors.configured_channels()}
    return render(request, "notices/preferences.html", context)


@csrf_exempt
@require_POST
def sms_receipt(request: HttpRequest) -> HttpResponse:
    """Take a receipt ``{"reference", "status": "delivered" | "failed", "error"}``, signed as our requests are.

    Answers 200 also for what is no news, so that the provider stops repeating; 403 for a wrong or old signature.
    """
    secret = settings.NOTICE_GATEWAYS.get("sms", {}).get("secret", "")
    if not secret or int(request.headers.get("Content-Length") or 0) > MOST_BYTES or not _signed(request, secret):
        return JsonResponse({"error": "signature"}, status=403)
    try:
        told: Any = json.loads(request.body)
        county, delivery_id = told["reference"].split("-", 1)
        known = services.receipt(
            county=int(county),
            delivery_id=UUID(delivery_id),
            delivered={"delivered": True, "failed": False}[told["status"]],
            error=str(told.get("error") or ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return JsonResponse({"error": "format"}, status=400)
    return JsonResponse({"changed": known})


def _signed(request: HttpRequest, secret: str) -> bool:
    stamp = request.headers.get("X-SafeGrid-Timestamp", "")
    if not (stamp.isascii() and stamp.isdigit()) or abs(time.time() - int(stamp)) > CLOCK_SKEW_SECONDS:
        return False
    given = request.headers.get("X-SafeGrid-Signature", "")
    return hmac.compare_digest(sign(secret, stamp, request.body).encode(), given.encode())


app_name = "notices"
NAV = [NavItem("通知", "notices:inbox", icon="bell")]
urlpatterns = [
    path("notices/", inbox, name="inbox"),
    path("notices/badge/", badge, name="badge"),
    path("notices/read-all/", read_all, name="read_all"),
    path("notices/preferences/", preferences, name="preferences"),
    path("notices/receipts/sms/", sms_receipt, name="sms_receipt"),
    path("notices/<int:county>/<uuid:notice_id>/", notice, name="notice"),
]
