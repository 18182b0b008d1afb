"""Why this department, and which department speaks of what."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from safegrid.duties import selectors
from safegrid.duties.standing import standings
from safegrid.duties.web.rules import may_write
from safegrid.foundation.web import render_part, web_user
from safegrid.foundation.web.pages import county_read, read, spanning
from safegrid.orgs.selectors import names_of
from safegrid.sites.industries import shipped
from safegrid.sites.selectors import SITE_TYPES, site_for


@login_required
def why(request: HttpRequest, county: int, site_id: UUID) -> HttpResponse:
    """Every rule that fits a site, the winner first, and why it wins: a page, or for htmx the fragment alone."""
    user = web_user(request)
    site = read(user, site_for, county, site_id)
    told = selectors.explain(county=county, site=site)
    context = {
        "site": site,
        "told": told,
        "assisting": list(names_of(county, told.assisting).values()),
        "may_add": may_write(user),
    }
    return render_part(request, "duties/_why.html", context, title=f"为什么是这个部门：{site.shown_name}")


def sections() -> list[tuple[str, str, frozenset[str]]]:
    """Return the sections of the classification: (letter, name, its divisions)."""
    rows = shipped()
    return [
        (code, name, frozenset(division for division, _, parent in rows if parent == code))
        for code, name, _ in rows
        if code.isalpha()
    ]


@login_required
def matrix(request: HttpRequest) -> HttpResponse:
    """Which department's rules in force speak of which types of sites and industries, and what is left open there."""
    user, known = web_user(request), sections()
    columns = [
        *[("site_type", frozenset({value})) for value, _ in SITE_TYPES],
        *[("industry_prefix", divisions) for _, _, divisions in known],
    ]
    queries = [*[f"site_type={value}" for value, _ in SITE_TYPES], *[f"section={code}" for code, _, _ in known]]
    with spanning(user):
        county = county_read(request, lambda: list(selectors.rules(user).values_list("county", flat=True)[:1]))
        table = selectors.coverage(user, county, columns)
        reach = standings(user, county, columns)
    rules = [f"&{query}" if query.startswith("site_type") else "" for query in queries]
    context = {
        "heads": [*[(label, label) for _, label in SITE_TYPES], *[(code, name) for code, name, _ in known]],
        "table": [(line.department, list(zip(line.parts, rules, strict=True))) for line in table],
        "sums": [
            ("监管对象", "", [(one.sites, "") for one in reach]),
            ("无责任部门", reverse("duties:gaps"), [(one.gaps, query) for one, query in zip(reach, queries, strict=True)]),
            ("责任冲突", reverse("duties:conflicts"),
             [(one.conflicts, query) for one, query in zip(reach, queries, strict=True)]),
        ],
        "tab": "matrix",
    }  # fmt: skip
    return render(request, "duties/matrix.html", context)
