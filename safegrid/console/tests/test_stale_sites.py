"""Records that nobody touched for a year: counted on the desk, listed as counted, within what each may see."""

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection

from safegrid.console import desk
from safegrid.foundation import clock, events
from safegrid.patrols.models import Visit
from safegrid.sites import selectors, services
from safegrid.sites.models import Site

LABEL = "资料过期"
LIST = "/sites/?stale=yes"


def last_changed(site, days):
    at = clock.now() - timedelta(days=days)
    Site.objects.filter(county=site.county, pk=site.pk).update(updated_at=at, confirmed_at=at)


def visited(site, days, outcome="done", told=True):
    at = clock.now() - timedelta(days=days)
    visit = Visit.objects.create(
        county=site.county, device_id=uuid4(), site=site, member_id=uuid4(), member_user_id=uuid4(), town=site.town,
        outcome=outcome, visited_at=at, recorded_at=at,
    )  # fmt: skip
    if told:
        events.publish("patrols.visited", visit=visit)
    return at


def confirmed_at(site):
    return Site.objects.get(county=site.county, pk=site.pk).confirmed_at


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


def test_visits_told_late_and_in_any_order_leave_the_latest(cast):
    last_changed(cast.site, 500)
    later = visited(cast.site, 2)
    visited(cast.site, 40)
    assert confirmed_at(cast.site) == later


def test_a_visit_confirms_without_overtaking_an_edit(cast):
    last_changed(cast.site, 500)
    seen = Site.objects.get(county=cast.county, pk=cast.site.pk)
    visited(cast.site, 2)
    services.change_site(acting_user=cast.lead_officer, site=seen, values={"employees": 7}, version=seen.version)
    assert clock.now() - confirmed_at(cast.site) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "act",
    [
        lambda cast, site: services.change_site(acting_user=cast.lead_officer, site=site, values={"employees": 7}),
        lambda cast, site: services.close_site(
            acting_user=cast.lead_officer, site=site, reason="停业整顿", how="paused"
        ),
        lambda cast, site: services.accept_change(
            acting_user=cast.town_officer,
            request=services.propose_change(
                acting_user=cast.grid_member, county=cast.county, site=site, values={"employees": 7}, words="现场清点"
            ),
        ),
    ],
    ids=["changed", "closed", "change accepted"],
)
def test_every_writing_of_the_register_confirms(cast, act):
    last_changed(cast.site, 500)
    act(cast, Site.objects.get(county=cast.county, pk=cast.site.pk))
    assert clock.now() - confirmed_at(cast.site) < timedelta(minutes=1)


def test_what_others_assign_confirms_nothing(cast):
    last_changed(cast.site, 500)
    before = confirmed_at(cast.site)
    assert services.set_departments(cast.county, {cast.site.pk: uuid4()}) == 1
    assert confirmed_at(cast.site) == before


def test_existing_rows_are_filled_with_their_last_change_and_visit(cast):
    last_changed(cast.site, 700)
    last_changed(cast.shop, 30)
    last_changed(cast.next_site, 600)
    Site.objects.filter(county=cast.county).update(confirmed_at=clock.now() - timedelta(days=5000))
    seen = visited(cast.site, 400, told=False)
    visited(cast.site, 3, outcome="closed", told=False)
    visited(cast.shop, 90, told=False)
    for name in (
        "safegrid.sites.migrations.0002_when_confirmed",
        "safegrid.patrols.migrations.0003_visits_confirm_sites",
    ):
        import_module(name).fill(apps, SimpleNamespace())
    assert confirmed_at(cast.site) == seen
    for site in (cast.shop, cast.next_site):
        assert confirmed_at(site) == Site.objects.get(county=site.county, pk=site.pk).updated_at


@pytest.mark.parametrize("person", ["lead_officer", "town_officer"])
def test_the_count_is_read_from_its_index(cast, person):
    """Of a few sites PostgreSQL takes any index, or the table itself."""
    now = clock.now()
    Site.objects.bulk_create(
        Site(county=cast.county, code=f"F-{number}", name="新登记", site_type="shop", town=cast.town, village=cast.village,
             created_at=now, updated_at=now)
        for number in range(3_000)
    )  # fmt: skip
    rows = selectors.stale(getattr(cast, person)).filter(county=cast.county).order_by().values("pk")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE sites_site; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    plan = rows.explain()
    assert "site_confirmed" in plan
    assert "visit" not in plan
    assert "Index Only Scan" in plan or connection.vendor == "sqlite"
