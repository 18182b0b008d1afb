"""What the pages of sites share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from safegrid.foundation.errors import NotVisible
from safegrid.foundation.keys import cross_county
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import FieldSpec, VerbForm, form_status, handle
from safegrid.regions import selectors as regions
from safegrid.regions.datum import DATUM_CHOICES
from safegrid.sites import access

GRADE_TONES = {"red": "red", "orange": "orange", "yellow": "yellow", "blue": "blue"}
STATUS_TONES = {"active": "green", "paused": "yellow", "closed": "gray", "moved": "gray"}
DATUM = FieldSpec("datum", "坐标系", "choice", choices=DATUM_CHOICES, help="填写了坐标时必选；系统不猜测坐标系")
REASON = FieldSpec("reason", "原因", "textarea", required=True, max_length=200)


@contextmanager
def scope(user: Actor) -> Iterator[None]:
    """Allow a page to span counties for those who work above them."""
    if any(holding.county is None for holding in user.holdings()):
        with cross_county("whoever works above counties reads the sites of all of them"):
            yield
    else:
        yield


def read(selector: Callable[..., Any], user: Actor, *arguments: Any) -> Any:
    """Return what the selector finds; ``Http404`` for what is not visible."""
    try:
        with scope(user):
            return selector(user, *arguments)
    except NotVisible as error:
        raise Http404(error.message) from error


def county_of(user: Actor, verb: str) -> int:
    """Return the county in which the user may use a verb somewhere; ``Http404`` where there is none."""
    for holding in user.holdings():
        if holding.kind in access.VERBS[verb] and holding.county:
            return holding.county
    raise Http404


def link(name: str, *arguments: Any) -> str:
    """Return the address of another context's page, "" where that page does not exist."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


def places(user: Actor, county: int, verb: str) -> list[tuple[str, str]]:
    """Return the towns and villages of the county where the user may use a verb: (code, name), villages below their town."""
    towns = {town.code: town.name for town in regions.children(str(county))}
    below = regions.descendants(str(county), regions.Level.VILLAGE)
    found = [(code, name) for code, name in towns.items() if access.can_at(user, verb, county, code)]
    found += [
        (village.code, f"{towns[village.code[:9]]} · {village.name}")
        for village in below
        if village.code[:9] in towns and access.can_at(user, verb, county, village.code[:9], village.code)
    ]
    return sorted(found)


def place_values(values: dict[str, Any]) -> dict[str, Any]:
    """Return form values with ``place`` (9 or 12 digits) as town and village."""
    given = dict(values)
    place = given.pop("place", "") or ""
    return {**given, "town": place[:9], "village": place if len(place) == 12 else ""} if place else given


def form_page(
    request: HttpRequest,
    specs: Sequence[FieldSpec],
    action: Callable[..., Any],
    *,
    title: str,
    to: str | Callable[[Any], str],
    back: str,
    template: str = "console/form.html",
    extra: dict[str, Any] | None = None,
    done: str = "已保存",
    **options: Any,
) -> HttpResponse:
    """Show a form, or carry out what it asks for and go on."""
    posted = request.method == "POST"
    form = VerbForm(specs, request.POST if posted else None, request.FILES if posted else None, **options)
    response = handle(request, form, action, to=to, done=done)
    if response is not None:
        return response
    context = {"title": title, "form": form, "back": back, **(extra or {})}
    return render(request, template, context, status=form_status(form))
