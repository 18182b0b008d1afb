"""The accident duty desk: who sits there, when nobody does, and the clocks of open accidents."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from safegrid.accounts.selectors import names_of, who_holds
from safegrid.cases import access, duty_desk, record, services
from safegrid.cases.web.common import refuse_strangers, to_one_county
from safegrid.cases.workflow import OPEN
from safegrid.foundation import clock
from safegrid.foundation.scope import Actor, held
from safegrid.foundation.web import FieldSpec, VerbForm, export_rows, form_status, handle, web_user
from safegrid.handbook import selectors as handbook

MOST = 50


@login_required
@require_GET
def somewhere(request: HttpRequest) -> HttpResponse:
    return to_one_county(request, web_user(request), "cases:duty", "事故值班", *duty_desk.READERS)


@login_required
@require_http_methods(["GET", "POST"])
def desk(request: HttpRequest, county: int) -> HttpResponse:
    """The desk of one county; posted, a shift is planned."""
    user = web_user(request)
    refuse_strangers(user, county, *duty_desk.READERS)
    plans = _plans(user, county)
    form = _form(request, county) if plans else None
    if form is not None:
        response = handle(
            request, form, lambda **given: services.plan_shift(acting_user=user, county=county, **given),
            done="已排班", to=request.path,
        )  # fmt: skip
        if response is not None:
            return response
    now = clock.now()
    if request.method == "GET" and request.GET.get("export") == "xlsx":
        return _workbook(user, county, now)
    rows = duty_desk.shifts(county, now, now + duty_desk.AHEAD)
    names = names_of({row.user_id for row in rows})
    shifts = [(row, names.get(row.user_id, ""), row.begins_at <= now) for row in rows]
    context = {
        "county": county,
        "now": [one for one in shifts if one[2]],
        "coming": [one for one in shifts if not one[2]],
        "gaps": duty_desk.gaps(county),
        "export_url": "?export=xlsx" if shifts else "",
        "form": form,
        "may_plan": plans,
        "accidents": _accidents(user, county),
    }
    return render(request, "cases/duty.html", context, status=form_status(form) if form is not None else 200)


def _workbook(user: Actor, county: int, now: datetime) -> HttpResponse:
    """Return the shifts running and of the coming seven days as a marked and traced workbook."""
    shifts = duty_desk.shifts(county, now, now + duty_desk.AHEAD)
    names = names_of({row.user_id for row in shifts})
    rows = [[names.get(row.user_id, ""), row.begins_at, row.ends_at, row.phone] for row in shifts]
    labels = ["值班人员", "开始", "结束", "值班电话"]
    return export_rows(
        user, name="cases.duty_shifts", title="事故值班", labels=labels, rows=rows, filters={}, county=county
    )


def _plans(user: Actor, county: int) -> bool:
    return any(holding.county == county for holding in held(user, *duty_desk.DESK_ROLES))


def _form(request: HttpRequest, county: int) -> VerbForm:
    people = [(str(one.id), one.label) for one in who_holds(duty_desk.DESK_ROLES, county=county)]
    start = clock.now().astimezone(clock.SHANGHAI).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    specs = [
        FieldSpec("user_id", "值班人员", "user", required=True, choices=people),
        FieldSpec("begins_at", "开始", "datetime", required=True, initial=start),
        FieldSpec(
            "ends_at", "结束", "datetime", required=True, initial=start + timedelta(hours=12), help="一班最长 24 小时"
        ),
        FieldSpec("phone", "值班电话", max_length=40),
    ]
    return VerbForm(specs, request.POST if request.method == "POST" else None, submit="排班", action=request.path)


def _accidents(user: Actor, county: int) -> list[dict[str, Any]]:
    """Return the open accidents that the user sees with their statutory clocks, the latest first."""
    rows = access.visible(user).filter(county=county, is_accident=True, state__in=OPEN).select_related("site")
    kinds = handbook.kind_names(county)
    found = list(rows.order_by("-reported_at", "-id")[:MOST])
    clocks = record.statutory_clocks(county, [row.pk for row in found])
    return [
        {
            "case": row,
            "kind": kinds.get(row.kind, row.kind),
            "where": row.site.shown_name if row.site is not None else row.place_words,
            "clocks": clocks.get(row.pk, []),
        }
        for row in found
    ]


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, county: int, shift_id: UUID) -> HttpResponse:
    """Take back a planned shift."""
    user = web_user(request)
    shift = duty_desk.visible(user).filter(county=county, pk=shift_id).first()
    if shift is None or not _plans(user, county):
        raise Http404
    back = reverse("cases:duty", args=[county])
    specs = [FieldSpec("reason", "理由", "textarea", required=True, max_length=500)]
    data = request.POST if request.method == "POST" else None
    form = VerbForm(specs, data, submit="撤销班次", action=request.path, is_danger=True)
    response = handle(
        request, form, lambda reason: services.withdraw_shift(acting_user=user, shift=shift, reason=reason),
        done="已撤销班次", to=back,
    )  # fmt: skip
    if response is not None:
        return response
    begins, ends = (moment.astimezone(clock.SHANGHAI) for moment in (shift.begins_at, shift.ends_at))
    said = f"{names_of([shift.user_id]).get(shift.user_id, '')}，{begins:%Y-%m-%d %H:%M} 至 {ends:%Y-%m-%d %H:%M}"
    context = {"title": "撤销班次", "form": form, "back": back, "words": said}
    return render(request, "console/form.html", context, status=form_status(form))
