"""Records that nobody touched for a year: counted on the desk, listed as counted, within what each may see."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from safegrid.console import desk
from safegrid.foundation import clock
from safegrid.patrols.models import Visit
from safegrid.sites import selectors
from safegrid.sites.models import Site

LABEL = "资料过期"
LIST = "/sites/?stale=yes"


def last_changed(site, days):
    Site.objects.filter(county=site.county, pk=site.pk).update(updated_at=clock.now() - timedelta(days=days))


def visited(site, days, outcome="done"):
    at = clock.now() - timedelta(days=days)
    Visit.objects.create(
        county=site.county, device_id=uuid4(), site=site, member_id=uuid4(), member_user_id=uuid4(), town=site.town,
        outcome=outcome, visited_at=at, recorded_at=at,
    )  # fmt: skip


def counted(user):
    return {one.label: one for one in desk.counts(user, 0)}.get(LABEL)


def names(user):
    return set(selectors.stale(user).values_list("name", flat=True))


def test_a_record_is_stale_when_a_year_brought_neither_change_nor_visit(cast):
    last_changed(cast.site, 366)
    last_changed(cast.shop, 364)
    assert names(cast.lead_officer) == {cast.site.name}
    visited(cast.site, 367)
    visited(cast.site, 3, outcome="refused")
    assert names(cast.lead_officer) == {cast.site.name}
    visited(cast.site, 364)
    assert names(cast.lead_officer) == set()


@pytest.mark.parametrize("facts", [{"status": "closed"}, {"is_directly_supervised": True}])
def test_what_is_closed_or_supervised_directly_is_never_stale(cast, facts):
    last_changed(cast.site, 500)
    assert cast.site.name in names(cast.lead_officer)
    Site.objects.filter(county=cast.county, pk=cast.site.pk).update(**facts)
    assert cast.site.name not in names(cast.lead_officer)


def test_the_number_of_days_is_the_installations(cast, settings):
    last_changed(cast.site, 40)
    assert counted(cast.lead_officer).number == 0
    settings.STALE_DAYS = 30
    assert counted(cast.lead_officer).number == 1


@pytest.mark.parametrize("person", ["lead_officer", "lead_chief", "town_officer"])
def test_the_count_opens_exactly_the_rows_that_it_counts(cast, person):
    last_changed(cast.site, 400)
    last_changed(cast.shop, 400)
    last_changed(cast.next_site, 10)
    user = getattr(cast, person)
    one = counted(user)
    assert one.url == LIST
    page = cast.client(user).get(one.url)
    assert {row.row.pk for row in page.context["page"].rows} == set(selectors.stale(user).values_list("pk", flat=True))
    assert len(page.context["page"].rows) == one.number == 2


def test_a_town_counts_its_own_sites_and_other_roles_none(cast):
    last_changed(cast.site, 400)
    last_changed(cast.next_site, 400)
    elsewhere = Site.objects.filter(county=cast.county, pk=cast.next_site.pk)
    elsewhere.update(town=cast.far_grid.town, village=cast.far_grid.village)
    assert counted(cast.town_officer).number == 1
    assert counted(cast.lead_officer).number == 2
    assert names(cast.outsider) == set()
    for person in (cast.leader, cast.fire_officer, cast.grid_member):
        assert counted(person) is None


def test_visits_are_asked_by_their_index(cast):
    plan = selectors.stale(cast.lead_officer).filter(county=cast.county).explain()
    assert "visit_of_site" in plan or connection.vendor != "sqlite"
