"""Scenarios of one territory side by side."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from safegrid.foundation.web import web_user
from safegrid.foundation.web.pages import read, spanning
from safegrid.planning import selectors
from safegrid.planning.web.common import WITH_PLAN, state_label

MOST = 4


@login_required
def comparison(request: HttpRequest) -> HttpResponse:
    """The figures of up to four scenarios (``id``, several) of one county, each with the bound that is proven for it."""
    user = web_user(request)
    chosen = _chosen(request.GET.getlist("id"))
    if not chosen:
        raise Http404("请先打开一个方案，再选择与哪些方案比较")
    county_text = request.GET.get("county", "")
    if not (county_text.isascii() and county_text.isdigit()):
        raise Http404
    county = int(county_text)
    first = read(user, selectors.scenario_for, county, chosen[0])
    with spanning(user):
        found = selectors.compare(user, county, chosen[:MOST])
        others: list[Any] = [
            one for one in selectors.scenarios(user).filter(county=county, town=first.town, state__in=WITH_PLAN)
            .order_by("-created_at")[:50] if one.id not in chosen
        ]  # fmt: skip
    context = {"found": found, "others": others, "first": first, "state_label": state_label, "most": MOST,
               "heads": [(one, state_label(one.state)) for one in found.scenarios]}  # fmt: skip
    return render(request, "planning/compare.html", context)


def _chosen(given: list[str]) -> list[UUID]:
    try:
        return list(dict.fromkeys(UUID(one) for one in given))[:MOST]
    except ValueError as error:
        raise Http404 from error
