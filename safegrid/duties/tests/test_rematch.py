"""The materialised matches say what ``explain`` says, after any sequence of changes; many sites cost few queries."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safegrid.duties import selectors, services
from safegrid.duties.models import DutyMatch, DutyRule
from safegrid.foundation import cache
from safegrid.foundation.errors import Refused
from safegrid.sites.models import Site
from safegrid.sites.services import change_site
from tests.setting import MADE_AT

TYPES = ("enterprise", "shop", "workshop")
INDUSTRIES = ("2641", "2031", "5212")


def agree(county):
    """Assert that every site's match and department are what ``explain`` answers for it now."""
    matches = {m.site_id: m for m in DutyMatch.objects.filter(county=county)}
    for site in Site.objects.filter(county=county):
        told, match = selectors.explain(county=county, site=site), matches[site.id]
        expected = told.main.id if told.main else None
        assert (match.department_id, site.department_id) == (expected, expected)
        assert match.rule_id == told.rule_id
        assert set(match.conflicting) == {str(one) for one in told.conflicts}
        assert set(match.assisting) == {str(one) for one in told.assisting}
        assert match.state == ("clear" if told.main else "conflict" if told.conflicts else "none")
        assert (match.town, match.village) == (site.town, site.village)


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(
            st.just("add"),
            st.fixed_dictionaries({
                "department": st.sampled_from(["fire", "market", "lead_department"]),
                "part": st.sampled_from(["main", "main", "main", "assisting"]),
                "site": st.sampled_from([None, None, "site", "shop", "other_site"]),
                "industry_prefix": st.sampled_from(["", "", "26", "2641", "20"]),
                "site_type": st.sampled_from(["", *TYPES]),
                "hazard_kind": st.sampled_from(["", "", "FIRE"]),
                "place": st.sampled_from(["", "town", "village", "other_town"]),
                "valid_from": st.sampled_from([None, date(2024, 1, 1), date(2099, 1, 1)]),
            }),
        ),
        st.tuples(st.just("end"), st.integers(0, 20)),
        st.tuples(st.just("change"), st.tuples(st.sampled_from(["site", "shop", "other_site"]), st.sampled_from(TYPES),
                                               st.sampled_from(INDUSTRIES))),
        st.tuples(st.just("move"), st.sampled_from(["site", "shop"])),
    ),
    max_size=8,
)  # fmt: skip


def carry_out(cast, operation, given):
    if operation == "add":
        values = dict(given)
        place, site = values.pop("place"), values.pop("site")
        if place:
            values["village" if place == "village" else "town"] = getattr(cast, place)
        services.add_rule(acting_user=None, county=cast.county, site_id=getattr(cast, site).id if site else None,
                          **{**values, "department": getattr(cast, values["department"])})  # fmt: skip
    elif operation == "end":
        rules = list(DutyRule.objects.filter(county=cast.county).order_by("id"))
        if rules:
            try:
                services.end_rule(acting_user=None, rule=rules[given % len(rules)], reason="试")
            except Refused:
                return
    elif operation == "change":
        name, site_type, industry = given
        site = Site.objects.get(county=cast.county, id=getattr(cast, name).id)
        change_site(acting_user=None, site=site, values={"site_type": site_type, "industry": industry})
    else:
        site = Site.objects.get(county=cast.county, id=getattr(cast, given).id)
        change_site(acting_user=None, site=site, values={"town": cast.town, "village": cast.next_village})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(OPERATIONS)
def test_matches_equal_explain_after_any_sequence_of_changes(cast, operations):
    from django.db import transaction

    with transaction.atomic():
        _ = cast.kinds, cast.site, cast.shop, cast.other_site, cast.fire, cast.market, cast.lead_department
        services.rematch(cast.county)
        for operation, values in operations:
            carry_out(cast, operation, values)
        agree(cast.county)
        transaction.set_rollback(True)
    cache.forget_everything()
    cast.__dict__.clear()


def many_sites(cast, count, county=330521):
    common = {
        "county": county,
        "town": cast.town,
        "village": cast.village,
        "created_at": MADE_AT,
        "updated_at": MADE_AT,
    }
    Site.objects.bulk_create(
        (
            Site(code=f"B-{n}", name=f"对象{n}", site_type=TYPES[n % 3], industry=INDUSTRIES[n % 3], **common)
            for n in range(count)
        ),
        batch_size=2000,
    )


def test_twenty_thousand_sites_are_matched_with_few_queries(cast):
    """Reading, writing and setting departments by the thousand; SQLite takes fewer values in one statement."""
    _ = cast.duty_rules
    many_sites(cast, 20_000)
    with CaptureQueriesContext(connection) as asked:
        assert services.rematch(cast.county) == 20_000
    assert len(asked) <= (320 if connection.vendor == "sqlite" else 100)
    assert DutyMatch.objects.filter(county=cast.county).count() == 20_000
    by_department = DutyMatch.objects.filter(county=cast.county, department_id=cast.lead_department.id).count()
    assert by_department == len([n for n in range(20_000) if INDUSTRIES[n % 3] != "5212"])


def test_matching_does_not_keep_all_sites_in_memory(cast):
    """Twice the sites must not take twice the memory."""
    import tracemalloc

    _ = cast.duty_rules
    peaks = []
    for county, count in ((cast.county, 4_000), (cast.foreign_county, 8_000)):
        many_sites(cast, count, county)
        tracemalloc.start()
        services.rematch(county)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5


def test_matching_again_changes_nothing(cast):
    _ = cast.duty_rules, cast.site, cast.shop
    services.rematch(cast.county)
    before = list(DutyMatch.objects.filter(county=cast.county).order_by("id").values())
    services.rematch(cast.county)
    assert list(DutyMatch.objects.filter(county=cast.county).order_by("id").values()) == before


def test_only_the_sites_named_are_matched(cast):
    _ = cast.duty_rules, cast.site, cast.shop
    assert services.rematch(cast.county, [cast.site.id]) == 1
    assert not DutyMatch.objects.filter(county=cast.county, site_id=cast.shop.id).exists()


@pytest.mark.parametrize("person", ["lead_officer"])
def test_a_registered_site_is_matched_at_once(cast, person):
    from safegrid.sites.services import register_site

    _ = cast.duty_rules, cast.grid
    values = {"code": "NEW-1", "name": "新开便利店", "site_type": "shop", "town": cast.town, "village": cast.village}
    site = register_site(acting_user=getattr(cast, person), county=cast.county, values=values)
    assert DutyMatch.objects.get(county=cast.county, site_id=site.id).department_id == cast.market.id
    agree(cast.county)
