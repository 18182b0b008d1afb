"""Every page of the console that takes a county and an id: the outsider finds nothing there, nobody is sent to sign in.

The addresses come from the resolver itself. A page that nobody can open would pass for the wrong reason, so each must also
open for somebody of the county.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from safegrid.cases.workflow import CASE
from safegrid.grids.web.verbs import GRID_VERBS, MEMBER_VERBS, ROWS
from safegrid.planning.web.editing import EDITS
from safegrid.planning.web.steps import STEPS
from safegrid.sites.web.verbs import BY_SLUG
from tests.faults.every_row import EveryRow

# The row that stands for a parameter, where its name does not say it already (``site_id``: ``site``).
ROW_OF = {
    "orgs:reopen_department": {"department_id": "closed_department"},
    "orgs:end_officer": {"officer_id": "named_officer"},
    "orgs:unmask_officer": {"officer_id": "named_officer"},
    "orgs:change_station": {"row_id": "station"},
    "orgs:change_committee": {"row_id": "committee"},
    "handbook:publish_checklist": {"checklist_id": "draft"},
    "grids:withdraw": {"row_id": "coming_version"},
    "grids:officer_verb": {"row_id": "grid_officer"},
    "sites:unmask_household": {"site_id": "household"},
}
WORDS = {
    "sites:verb": ("verb", tuple(BY_SLUG)),
    "cases:verb": ("verb", tuple(sorted({row.verb for row in CASE.rows if row.sources}))),
    "grids:grid_verb": ("verb", tuple(GRID_VERBS)),
    "grids:member_verb": ("verb", tuple(MEMBER_VERBS)),
    "grids:officer_verb": ("verb", ("end", "phone")),
    "grids:site_verb": ("verb", ("assign", "return")),
    "grids:row_verb": ("kind", tuple(ROWS)),
    "county:change_ladder": ("severity", ("minor", "general", "major")),
    "planning:step": ("step", tuple(STEPS)),
    "planning:edit": ("verb", tuple(EDITS)),
    "planning:cluster_verb": ("verb", ("confirm", "refuse")),
    "planning:posting_verb": ("verb", ("confirm", "decline")),
}
# Tell a part of the county and no row of it: a neighbour's own county has its own (see the console's tests).
NO_ROW = {"map:tile"}
INSIDERS = ("lead_officer", "town_officer", "lead_chief", "fire_officer", "grid_member", "committee", "system_admin")
# Opens only in a state that takes a history to reach; its own context's tests show that it opens.
NOT_OPENED = {"sites:import_refused": "there is no file of refused rows before the worker has read an upload"}


def _patterns(patterns: list[URLPattern | URLResolver], names: str = "") -> Iterator[tuple[str, set[str]]]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from _patterns(one.url_patterns, f"{one.namespace}:" if one.namespace else names)
        else:
            yield f"{names}{one.name}", set(one.pattern.converters)


def pages() -> dict[str, set[str]]:
    """Return the parameters of every console page with a county, by the name of its address."""
    found = {name: given for name, given in _patterns(get_resolver().url_patterns) if not name.startswith("api:")}
    return {name: given for name, given in found.items() if "county" in given}


COUNTY_ONLY = sorted(name for name, given in pages().items() if given == {"county"})
PAGES = {name: given for name, given in pages().items() if given != {"county"} and name not in NO_ROW}


def addresses(row: EveryRow, name: str, county: int) -> list[str]:
    """Return the page's addresses in ``county``, one for each verb where it has several."""
    word, choices = WORDS.get(name, ("", ("",)))
    found = []
    for choice in choices:
        given: dict[str, object] = {"county": county, **({word: choice} if word else {})}
        for parameter in PAGES[name] - set(given):
            named = "kind_code" if parameter == "code" else choice if word == "kind" else parameter.removesuffix("_id")
            what = ROW_OF.get(name, {}).get(parameter, named)
            given[parameter] = getattr(row, what)
        found.append(reverse(name, kwargs=given))
    return found


@pytest.fixture
def row(cast) -> EveryRow:
    return EveryRow(cast)


def test_there_are_pages_to_walk():
    assert len(PAGES) > 30


@pytest.mark.parametrize("name", sorted(PAGES))
def test_an_outsider_finds_nothing_and_nobody_is_sent_to_sign_in(cast, row, name):
    foreign_admin = cast.person("foreign_admin", "安吉管理员", "system_admin", "330523")
    nobody = cast.client(None)
    for client in (cast.client(cast.outsider), cast.client(foreign_admin)):
        for county in (cast.county, cast.foreign_county):  # one's own county before another county's id, too
            for address in addresses(row, name, county):
                # 405: a door for the other method only, which says nothing about what is behind it.
                told = [client.get(address).status_code, client.post(address).status_code]
                assert set(told) in ({404}, {404, 405}), (address, told)
    for address in addresses(row, name, cast.county):
        answer = nobody.get(address)
        assert (answer.status_code, answer.headers.get("Location", "").split("?")[0]) == (302, "/sign-in/"), address


@pytest.mark.parametrize("name", COUNTY_ONLY)
def test_a_page_of_a_county_is_not_there_for_another_county(cast, name):
    address = reverse(name, kwargs={"county": cast.county})
    client = cast.client(cast.outsider)
    told = [client.get(address).status_code, client.post(address).status_code]
    assert set(told) in ({404}, {404, 405}), told
    answer = cast.client(None).get(address)
    assert (answer.status_code, answer.headers.get("Location", "").split("?")[0]) == (302, "/sign-in/")


def _opens(client: Client, found: list[str]) -> bool:
    """Say whether one of the addresses opens, or takes a form."""
    return any(client.get(one).status_code in {200, 302} for one in found) or any(
        client.post(one).status_code in {200, 302, 409, 422} for one in found
    )


@pytest.mark.parametrize("name", sorted(set(PAGES) - set(NOT_OPENED)))
def test_somebody_of_the_county_opens_it(cast, row, name):
    found = addresses(row, name, cast.county)
    assert any(_opens(cast.client(getattr(cast, person)), found) for person in INSIDERS), found


SAFE = {
    "Content-Security-Policy": ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'",
                                "form-action 'self'"),
    "X-Frame-Options": ("DENY",),
    "X-Content-Type-Options": ("nosniff",),
    "Referrer-Policy": ("same-origin",),
    "Cross-Origin-Opener-Policy": ("same-origin",),
}  # fmt: skip


@pytest.mark.parametrize("address", ["/", "/sign-in/", "/sites/", "/api/v1/sites/330521", "/api/v1/docs", "/no-such-page/",
                                     "/api/v1/no-such-thing"])  # fmt: skip
@pytest.mark.parametrize("person", ["lead_officer", None])
def test_every_answer_carries_the_headers_that_keep_a_browser_safe(cast, address, person):
    answer = cast.client(getattr(cast, person) if person else None).get(address)
    for header, parts in SAFE.items():
        assert all(part in answer.headers.get(header, "") for part in parts), header
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "*" not in policy


def test_what_the_sign_in_sets_is_out_of_reach_of_scripts(cast):
    client = cast.client(None)
    client.get("/sign-in/")
    client.post("/sign-in/", {"username": cast.lead_officer.username, "password": cast.password})
    session = client.cookies["sessionid"]
    assert (session["httponly"], session["samesite"]) == (True, "Lax")


@pytest.mark.parametrize("address", ["/sites/{0}/{1}/", "/sites/", "/api/v1/sites/{0}/{1}", "/sites/{0}/{1}/map.json"])
def test_no_browser_and_no_proxy_keeps_what_a_person_has_seen(cast, address):
    answer = cast.client(cast.lead_officer).get(address.format(cast.county, cast.site.id))
    assert answer.status_code == 200
    assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].split(", "))
