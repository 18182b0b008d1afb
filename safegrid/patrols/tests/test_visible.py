"""Whose visits one sees, and that a phone sending twice at once records once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest
from django.db import connections

from safegrid.cases.models import Case
from safegrid.foundation import clock
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.keys import cross_county
from safegrid.foundation.models import TraceRow
from safegrid.patrols import selectors
from safegrid.patrols.models import Visit, VisitAnswer
from safegrid.patrols.tests.round import MORNING, Round
from tests.cast import Cast


@pytest.fixture
def visits(round_):
    """One visit in each of two grids of one town, by their own members."""
    cast = round_.cast
    own = round_.record()
    other = round_.record(
        acting_user=cast.next_grid_member, site=cast.next_site, outcome="closed", longitude=None, latitude=None
    )
    return {own.id: "own", other.id: "next"}


@pytest.mark.parametrize(("person", "expected"), [
    ("lead_officer", {"own", "next"}), ("lead_chief", {"own", "next"}), ("leader", {"own", "next"}),
    ("town_officer", {"own", "next"}), ("auditor", {"own", "next"}), ("upper_level", {"own", "next"}),
    ("grid_member", {"own"}), ("next_grid_member", {"next"}), ("lead_department_officer", {"own"}),
    ("market_officer", {"next"}), ("fire_officer", set()), ("other_town_officer", set()), ("other_grid_member", set()),
    ("committee", set()), ("hotline_officer", set()), ("outsider", set()),
])  # fmt: skip
def test_each_role_sees_its_own_visits(round_, visits, person, expected):
    with cross_county("the upper level"):
        seen = {visits[visit.id] for visit in selectors.visits_for(getattr(round_.cast, person))}
        as_official = {visits[v.id] for v in selectors.visits_for(getattr(round_.cast, person), as_site=False)}
    assert seen == as_official == expected


def test_a_contact_knows_of_the_visit_but_may_not_read_what_was_found(round_, visits):
    cast = round_.cast
    (visit,) = selectors.visits_of_site(cast.site_contact, cast.county, cast.site.id)
    assert visits[visit.id] == "own"
    assert not selectors.visits_for(cast.site_contact, as_site=False).exists()
    with pytest.raises(NotVisible):
        selectors.visit_for(cast.site_contact, cast.county, visit.id)


def test_one_visit_is_read_inside_ones_scope_only(round_, visits):
    cast = round_.cast
    own = next(key for key, name in visits.items() if name == "own")
    assert selectors.visit_for(cast.grid_member, cast.county, own).id == own
    for person in (cast.next_grid_member, cast.fire_officer, cast.outsider):
        with pytest.raises(NotVisible):
            selectors.visit_for(person, cast.county, own)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_phone_that_sends_the_same_visit_six_times_at_once_records_one(transactional_db):
    with clock.simulated(MORNING):
        round_ = Round(Cast())
        given = round_.given(round_.answer("EXIT"))
        round_.cast.grid_member.holdings()
    gate = Barrier(6)

    def send(_):
        with closing(connections["default"]), clock.simulated(MORNING):
            gate.wait()
            return round_.record(**given).id

    with ThreadPoolExecutor(6) as pool:
        ids = set(pool.map(send, range(6)))
    county = round_.cast.county
    assert len(ids) == 1
    assert Visit.objects.filter(county=county).count() == 1
    assert VisitAnswer.objects.filter(county=county).count() == 3
    assert Case.objects.filter(county=county).count() == 1
    assert TraceRow.objects.filter(county=county, action="patrols.record_visit").count() == 1
