"""Who sees which sites: the scope matrix of access.md."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from safegrid.foundation import clock
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.keys import cross_county
from safegrid.foundation.models import ScopeGrant
from safegrid.sites.access import VERBS, can, can_at, verbs_for, visible
from safegrid.sites.models import DirectSupervision, Site
from safegrid.sites.selectors import search, site_for
from safegrid.sites.tests.conftest import COUNTY, FAR_VILLAGE, NEXT_VILLAGE, OTHER_TOWN, TOWN, VILLAGE

GRID, OTHER_GRID, DEPARTMENT, OTHER_DEPARTMENT = uuid4(), uuid4(), uuid4(), uuid4()


@pytest.fixture
def four(county, db) -> dict[str, Site]:
    """near: village, own grid, own department; direct: same grid, supervised directly; next: next village; far: other town."""
    now, made = clock.now(), {}
    for name, village, grid, department, direct in (
        ("near", VILLAGE, GRID, DEPARTMENT, False),
        ("direct", VILLAGE, GRID, OTHER_DEPARTMENT, True),
        ("next", NEXT_VILLAGE, OTHER_GRID, OTHER_DEPARTMENT, False),
        ("far", FAR_VILLAGE, None, None, False),
    ):
        made[name] = Site.objects.create(
            county=county, code=name, name=name, site_type="shop", town=village[:9], village=village, grid_id=grid,
            department_id=department, is_directly_supervised=direct, created_at=now, updated_at=now,
        )  # fmt: skip
    Site.objects.create(
        county=330522, code="out", name="out", site_type="shop", town="330522100", created_at=now, updated_at=now
    )
    return made


def seen(user, *, above: bool = False) -> set[str]:
    if above:
        with cross_county("the test looks from above"):
            return set(visible(user).values_list("code", flat=True))
    return set(visible(user).filter(county=COUNTY).values_list("code", flat=True))


ALL = {"near", "direct", "next", "far"}


@pytest.mark.parametrize(
    ("kind", "place", "expected"),
    [
        ("lead_officer", str(COUNTY), ALL),
        ("lead_chief", str(COUNTY), ALL),
        ("leader", str(COUNTY), ALL),
        ("leader", TOWN, {"near", "direct", "next"}),
        ("auditor", str(COUNTY), ALL),
        ("town_officer", TOWN, {"near", "direct", "next"}),
        ("town_officer", OTHER_TOWN, {"far"}),
        ("committee", VILLAGE, {"near", "direct"}),
        ("committee", NEXT_VILLAGE, {"next"}),
        ("grid_member", VILLAGE, set()),
        ("agency_expert", str(COUNTY), set()),
        ("site_contact", VILLAGE, set()),
        ("department_officer", str(COUNTY), set()),
        ("hotline_officer", str(COUNTY), set()),
        ("reward_officer", str(COUNTY), set()),
        ("system_admin", str(COUNTY), set()),
        ("lead_officer", "330522", set()),
    ],
)
def test_a_role_sees_its_place(four, person, kind, place, expected):
    assert seen(person(kind, place)) == expected


@pytest.mark.parametrize(("place", "more"), [("", {"out"}), ("33", {"out"}), ("3305", {"out"}), ("34", None)])
@pytest.mark.parametrize("kind", ["upper_level", "auditor"])
def test_upper_levels_and_auditors_see_everything_below_them(four, person, kind, place, more):
    assert seen(person(kind, place), above=True) == (set() if more is None else ALL | more)


def grant(user, kind, key, *, until: date | None = None):
    ScopeGrant.objects.create(
        county=COUNTY, user_id=user.id, kind=kind, key=key, source=uuid4(), valid_from=date(2020, 1, 1), valid_to=until
    )


def test_a_member_sees_the_sites_of_own_grids_but_not_those_supervised_directly(four, person):
    member = person("grid_member", TOWN)
    grant(member, "grid", GRID)
    grant(member, "grid", OTHER_GRID, until=clock.today() - timedelta(days=1))
    assert seen(member) == {"near"}


def test_an_expert_sees_assigned_sites_and_a_contact_the_own_one(four, person):
    expert = person("agency_expert")
    grant(expert, "site", four["far"].id)
    assert seen(expert) == {"far"}
    assert seen(person("site_contact", VILLAGE, site_id=four["next"].id)) == {"next"}


def test_a_department_sees_what_it_answers_for_and_what_it_supervises_directly(four, person):
    officer = person("department_officer", department_id=DEPARTMENT)
    in_town = person("department_officer", OTHER_TOWN, department_id=DEPARTMENT)
    assert seen(officer) == {"near"}
    row = DirectSupervision.objects.create(
        county=COUNTY, site=four["far"], reason="x", authority="x", department_id=DEPARTMENT, valid_from=clock.today()
    )
    assert seen(officer) == {"near", "far"}
    assert seen(in_town) == {"far"}
    DirectSupervision.objects.filter(county=COUNTY, id=row.id).update(valid_to=clock.today() - timedelta(days=1))
    assert seen(officer) == {"near"}


def test_a_department_of_the_city_looks_from_above(four, person):
    assert seen(person("department_officer", "3305", department_id=DEPARTMENT), above=True) == {"near"}


def test_out_of_scope_answers_like_what_does_not_exist(four, person):
    user = person("committee", VILLAGE)
    assert site_for(user, COUNTY, four["near"].id) == four["near"]
    for county, site_id in ((COUNTY, four["far"].id), (330522, four["near"].id), (COUNTY, uuid4())):
        with pytest.raises(NotVisible):
            site_for(user, county, site_id)
    assert {row.code for row in search(user, "n e").filter(county=COUNTY)} == {"near"}


def test_a_verb_needs_a_role_that_both_sees_the_site_and_may_use_it(four, person):
    from safegrid.accounts.models import Role

    user = person("auditor")
    Role.objects.create(user=user, kind="town_officer", place=OTHER_TOWN, valid_from=date(2020, 1, 1))
    assert can(user, "change_site", four["far"])
    assert not can(user, "change_site", four["near"])
    assert "change_site" not in verbs_for(user, four["near"])
    assert {verb for verb in VERBS if can(user, verb, four["far"])} == verbs_for(user, four["far"])
    assert all(can(None, verb, four["near"]) for verb in VERBS)


def test_where_there_is_no_row_yet_the_place_of_the_role_decides(person):
    officer = person("town_officer", TOWN)
    assert can_at(officer, "register_site", COUNTY, TOWN, VILLAGE)
    assert not can_at(officer, "register_site", COUNTY, OTHER_TOWN)
    assert not can_at(officer, "register_site", COUNTY)
    assert not can_at(officer, "compare_register", COUNTY, TOWN)
