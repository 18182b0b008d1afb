"""What pages of every context begin and end with: reading or 404, lists across counties, one form for one verb."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from safegrid.foundation.errors import NotVisible
from safegrid.foundation.keys import cross_county
from safegrid.foundation.scope import Actor, is_place
from safegrid.foundation.web.forms import FieldSpec, VerbForm
from safegrid.foundation.web.handling import form_status, handle, web_user

T = TypeVar("T")


@contextmanager
def spanning(user: Actor) -> Iterator[None]:
    """Allow the queries inside to span counties for those who work above them, and only for those."""
    if any(holding.county is None for holding in user.holdings()):
        with cross_county("whoever works above counties reads all of them"):
            yield
    else:
        yield


def read(user: Actor, selector: Callable[..., T], *arguments: Any) -> T:
    """Return what ``selector(user, *arguments)`` finds; ``Http404`` for what is not visible."""
    try:
        with spanning(user):
            return selector(user, *arguments)
    except NotVisible as error:
        raise Http404(error.message) from error


def root_of(user: Actor) -> str:
    """Return the code of the place in which all of the user's places lie, from which a region filter starts."""
    places = {holding.place for holding in user.holdings()}
    if len(places) == 1:
        return places.pop()
    counties = {place[:6] for place in places}
    return counties.pop() if len(counties) == 1 else ""


def county_with(user: Actor, kinds: frozenset[str]) -> int:
    """Return the county in which the user holds one of the roles ``kinds``; ``Http404`` where there is none."""
    for holding in user.holdings():
        if holding.kind in kinds and holding.county:
            return holding.county
    raise Http404


def county_read(request: HttpRequest, choices: Callable[[], Sequence[int]]) -> int:
    """Return the county that a page of one county is asked for: ``?county=``, else the user's own, else the first of ``choices``.

    ``Http404`` for a county outside the user's places, and where there is nothing to choose.
    """
    user, asked = web_user(request), request.GET.get("county", "")
    own = [holding.county for holding in user.holdings() if holding.county]
    if asked.isascii() and asked.isdigit() and len(asked) == 6:
        county = int(asked)
        above = [holding.place for holding in user.holdings() if holding.county is None and is_place(holding.place)]
        if county in own or any(asked.startswith(place) for place in above):
            return county
        raise Http404
    found = own or list(choices())
    if not found:
        raise Http404
    return found[0]


def form_page(
    request: HttpRequest,
    specs: Sequence[FieldSpec],
    action: Callable[..., Any],
    *,
    title: str,
    to: str | Callable[[Any], str],
    back: str,
    initial: Mapping[str, Any] | None = None,
    submit: str = "保存",
    done: str = "已保存",
    is_danger: bool = False,
    words: str = "",
    template: str = "console/form.html",
) -> HttpResponse:
    """Show one verb's form, carry it out and go ``to``, or show the form again with what was wrong."""
    posted = request.method == "POST"
    form = VerbForm(specs, request.POST if posted else None, request.FILES if posted else None, submit=submit,
                    initial=initial, is_danger=is_danger)  # fmt: skip
    response = handle(request, form, action, to=to, done=done)
    if response is not None:
        return response
    context = {"title": title, "form": form, "back": back, "words": words}
    return render(request, template, context, status=form_status(form))
