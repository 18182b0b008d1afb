"""The console's own page: the desk."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from safegrid.cases.workflow import CASE
from safegrid.console import desk as work
from safegrid.console.context import Shell
from safegrid.foundation.web import web_user
from safegrid.handbook.selectors import kind_names


@login_required
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """What is this user's turn, and what else waits."""
    user = web_user(request)
    unread = Shell(request).unread
    tallies, turn = work.counts(user, unread), work.turn(user)
    every = work.all_turns(tallies)
    context = {
        "tallies": tallies,
        "turn": [{**_line(one.case), "keys": one.keys} for one in turn],
        "has_turns": work.has_turns(user),
        "more": every if every is not None and every.number > len(turn) else None,
        "unread_count": unread,
    }
    return render(request, "console/desk.html", context)


def _line(case: Any) -> dict[str, Any]:
    return {
        "case": case,
        "kind": kind_names(case.county).get(case.kind, case.kind),
        "state": CASE.state[case.state].label,
        "where": case.site.shown_name if case.site else case.place_words,
    }
