"""Reports from phones, perhaps days old: nothing that a member saw is lost, and nobody reports beyond the own role."""

from datetime import timedelta

import pytest

from safegrid.cases import services
from safegrid.cases.models import Case
from safegrid.cases.tests.phone import send
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused
from safegrid.foundation.ids import uuid7


def report(steps, user, *, at=None, **more):
    payload = {
        "kind": steps.kind,
        "words": "通道堆物",
        "site_id": str(steps.site.id),
        "photos": steps.photo(user),
        **more,
    }
    result = send(user, steps.cast.county, "cases.report", payload, at)
    return result, Case.objects.get(county=steps.cast.county, id=result["id"])


def test_a_report_made_days_ago_keeps_when_it_was_found(steps):
    found = clock.now() - timedelta(days=9)
    result, case = report(steps, steps.cast.grid_member, at=found)
    assert (case.found_at, case.reported_at, case.channel) == (found, clock.now(), "member")
    assert (result["number"], result["state_label"], result["words"], result["joined"]) == (
        case.number,
        "待受理",
        "",
        False,
    )
    assert len(case.timers.all()) == 1


def test_a_device_whose_clock_is_ahead_found_it_now(steps):
    _, case = report(steps, steps.cast.grid_member, at=clock.now() + timedelta(minutes=3))
    assert case.found_at == clock.now()


def test_a_duplicate_is_joined_while_it_is_open(steps):
    first = steps.reported()
    result, case = report(steps, steps.cast.committee, joins=str(first.id))
    assert (case.merged_into_id, result["joined"]) == (first.id, True)


def test_a_duplicate_that_was_closed_meanwhile_does_not_cost_the_report(steps):
    first = steps.reported()
    services.reject(acting_user=steps.cast.town_officer, case=first, reason="不属实")
    photos = steps.photo(steps.cast.grid_member)
    result, case = report(steps, steps.cast.grid_member, joins=str(first.id), photos=photos)
    assert (case.state, case.merged_into_id, result["joined"]) == ("reported", None, False)
    assert result["words"] == f"案件 {first.number} 现在是“不予受理”，不能并入，已单独上报"
    assert Case.objects.filter(county=case.county).count() == 2


def test_a_duplicate_that_nobody_knows_does_not_cost_the_report_either(steps):
    result, case = report(steps, steps.cast.grid_member, joins=str(uuid7()))
    assert (case.state, result["words"]) == ("reported", "没有找到要并入的案件，已单独上报")


def test_a_site_that_went_to_another_grid_is_reported_by_position(steps):
    point = steps.cast.square(1).centroid
    result, case = report(
        steps, steps.cast.grid_member, site_id=str(steps.cast.next_site.id), longitude=point.x, latitude=point.y
    )
    assert (case.site_id, case.place_kind, case.grid_id) == (None, "point", steps.cast.next_grid.id)
    assert result["words"] == "该对象已不在您的网格，已按位置或地点描述上报"


def test_a_site_of_another_grid_without_any_place_is_refused_by_name(steps):
    with pytest.raises(InvalidInput) as refused:
        report(steps, steps.cast.grid_member, site_id=str(steps.cast.next_site.id))
    assert set(refused.value.fields) == {"site_id"}


def test_a_thing_outside_any_site_belongs_to_the_reporters_town(steps):
    _, case = report(steps, steps.cast.grid_member, site_id=None, place_words="老车站对面的空地")
    assert (case.place_kind, case.town, case.village) == ("words", steps.cast.town, "")


def test_a_committee_reports_in_its_own_village(steps):
    _, case = report(steps, steps.cast.committee, site_id=None, place_words="村口")
    assert (case.channel, case.village, case.reporter_role) == ("committee", steps.cast.village, "committee")
    with pytest.raises(NotPermitted):
        report(steps, steps.cast.committee, site_id=None, place_words="邻村村口", village=steps.cast.next_village)


def test_what_is_missing_is_named_as_the_phone_names_it(steps):
    with pytest.raises(InvalidInput) as refused:
        report(steps, steps.cast.grid_member, photos=[])
    assert set(refused.value.fields) == {"photos"}
    with pytest.raises(InvalidInput) as refused:
        report(steps, steps.cast.grid_member, words=" ")
    assert set(refused.value.fields) == {"words"}
    assert not Case.objects.filter(county=steps.cast.county).exists()


@pytest.mark.parametrize("person", ["leader", "auditor", "reward_officer"])
def test_who_reports_nowhere_reports_nothing_by_phone(steps, person):
    with pytest.raises(NotPermitted):
        report(steps, getattr(steps.cast, person), site_id=None, longitude=120.01, latitude=30.51)


def test_an_outsider_finds_no_site_here(steps):
    with pytest.raises((InvalidInput, NotPermitted)):
        report(steps, steps.cast.outsider)
    assert not Case.objects.filter(county=steps.cast.county).exists()


def test_suspected_major_is_kept(steps):
    assert report(steps, steps.cast.grid_member, suspected_major=True)[1].is_suspected_major


def on_spot(steps, user, **more):
    payload = {"kind": steps.cast.minor_kind.code, "words": "灭火器过期已换", "site_id": str(steps.site.id),
               "before_photos": steps.photo(user), "after_photos": steps.photo(user), **more}  # fmt: skip
    return send(user, steps.cast.county, "cases.settle_on_spot", payload, clock.now() - timedelta(hours=5))


def test_settling_on_the_spot_keeps_both_photographs_and_when(steps):
    result = on_spot(steps, steps.cast.grid_member)
    case = Case.objects.get(county=steps.cast.county, id=result["id"])
    assert (case.is_settled_on_spot, case.found_at) == (True, clock.now() - timedelta(hours=5))


def test_settling_on_the_spot_is_refused_for_other_kinds_people_and_without_the_second_photograph(steps):
    member = steps.cast.grid_member
    with pytest.raises(Refused):
        on_spot(steps, member, kind=steps.cast.major_kind.code)
    with pytest.raises(NotPermitted):
        on_spot(steps, steps.cast.committee)
    with pytest.raises(InvalidInput) as refused:
        on_spot(steps, member, after_photos=[])
    assert set(refused.value.fields) == {"after_photos"}
