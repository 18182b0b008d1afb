"""Reporting a case: through which door, from where, with what."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from safegrid.cases import services
from safegrid.cases.models import Case
from safegrid.cases.services.numbers import insert
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted
from safegrid.foundation.models import TraceRow

WORDS = "消防通道停放电动车"


def report(steps, user, channel, **more):
    given = {"kind": steps.kind, "words": WORDS, "site": steps.site, **more}
    if "attachment_ids" not in given:
        given["attachment_ids"] = steps.photo(user)
    return services.report(acting_user=user, county=steps.cast.county, channel=channel, **given)


def test_a_member_reports_at_a_site_and_the_station_is_told(steps):
    case = report(steps, steps.cast.grid_member, "member")
    assert (case.state, case.version, case.severity, case.nature) == ("reported", 1, "general", "hazard")
    assert (case.town, case.village, case.grid_id) == (steps.site.town, steps.site.village, steps.cast.grid.id)
    assert (case.longitude, case.latitude) == (steps.site.longitude, steps.site.latitude)
    assert re.fullmatch(r"330521-250305-[0-9A-HJKMNP-TV-Z]{5}", case.number)
    assert steps.told(steps.cast.town_officer, "cases.report") == [f"上报：{case.number}"]
    assert steps.told(steps.cast.other_town_officer, "cases.report") == []


def test_the_trace_says_who_reported_in_which_role_and_never_the_callers_name(steps):
    case = report(steps, steps.cast.hotline_officer, "hotline", reporter_name="钱某某", reporter_phone="13900001111")
    row = steps.traced(case, "cases.report")
    assert (row.actor_id, row.role, row.changes["state"]) == (
        steps.cast.hotline_officer.id,
        "hotline_officer",
        ["", "reported"],
    )
    assert row.changes["kind"] == steps.kind
    assert "钱某某" not in str(row.changes)
    assert "13900001111" not in str(row.changes)
    assert Case.objects.get(county=case.county, id=case.id).reporter_phone == "13900001111"


def test_the_accept_limit_of_the_kind_is_running(steps):
    case = report(steps, steps.cast.grid_member, "member")
    assert (case.stage, case.timing) == ("accept", "on_time")
    assert (
        case.due_at.astimezone(clock.SHANGHAI).strftime("%m-%d %H:%M") == "03-05 15:00"
    )  # four working hours from nine


def test_an_accident_starts_the_statutory_hour_besides(steps):
    case = report(steps, steps.cast.grid_member, "member", kind=steps.cast.accident_kind.code)
    timer = case.timers.get(stage="first_report")
    assert case.is_accident
    assert timer.due_at == clock.now() + timedelta(hours=1)
    assert case.stage == "accept"


@pytest.mark.parametrize(
    ("person", "channel"),
    [
        ("grid_member", "patrol"),
        ("committee", "committee"),
        ("town_officer", "town"),
        ("fire_officer", "inspection"),
        ("agency_expert", "agency"),
        ("site_contact", "self_check"),
        ("hotline_officer", "hotline"),
    ],
)
def test_everyone_reports_through_the_own_channel(steps, person, channel):
    user = getattr(steps.cast, person)
    case = report(steps, user, channel)
    assert (case.channel, case.reporter_id, case.reporter_role) == (channel, user.id, user.roles.get().kind)


@pytest.mark.parametrize(
    ("person", "channel"),
    [
        ("grid_member", "inspection"),
        ("other_town_officer", "town"),
        ("lead_officer", "member"),
        ("leader", "town"),
        ("auditor", "member"),
        ("outsider", "inspection"),
        ("reward_officer", "hotline"),
        ("system_admin", "import"),
    ],
)
def test_nobody_reports_through_anothers_channel_or_from_outside_the_own_place(steps, person, channel):
    with pytest.raises(NotPermitted):
        report(steps, getattr(steps.cast, person), channel)
    assert not Case.objects.filter(county=steps.cast.county).exists()


def test_a_contact_reports_on_no_site_but_the_own(steps):
    with pytest.raises(NotPermitted):
        report(steps, steps.cast.site_contact, "self_check", site=steps.cast.shop)


def test_the_system_imports_without_photographs(steps):
    case = report(steps, None, "import", attachment_ids=())
    assert (case.reporter_role, case.reporter_id) == ("system", None)


def test_the_public_reports_without_an_account(steps):
    case = report(steps, None, "public", attachment_ids=())
    assert case.reporter_role == "public"


def test_a_photograph_is_asked_for_where_one_can_be_taken(steps):
    with pytest.raises(InvalidInput) as refused:
        report(steps, steps.cast.grid_member, "member", attachment_ids=())
    assert set(refused.value.fields) == {"attachment_ids"}


def test_a_photograph_of_somebody_else_is_refused_and_no_case_remains(steps):
    with pytest.raises(InvalidInput):
        report(steps, steps.cast.grid_member, "member", attachment_ids=steps.photo(steps.cast.committee))
    assert not Case.objects.filter(county=steps.cast.county).exists()


@pytest.mark.parametrize("field", ["kind", "words"])
def test_a_report_without_kind_or_words_is_refused(steps, field):
    with pytest.raises(InvalidInput) as refused:
        report(steps, steps.cast.grid_member, "member", **{field: " "})
    assert field in refused.value.fields


def test_a_report_without_any_place_is_refused(steps):
    with pytest.raises(InvalidInput) as refused:
        report(steps, steps.cast.grid_member, "member", site=None)
    assert set(refused.value.fields) == {"place"}


def test_a_point_leads_to_its_grid(steps):
    point = steps.cast.square(0).centroid
    _ = steps.cast.grid
    case = report(steps, steps.cast.grid_member, "member", site=None, longitude=point.x, latitude=point.y,
                  village=steps.cast.village)  # fmt: skip
    assert (case.place_kind, case.grid_id, case.town) == ("point", steps.cast.grid.id, steps.cast.town)


def test_half_a_position_is_refused(steps):
    with pytest.raises(InvalidInput, match="经度和纬度"):
        report(steps, steps.cast.grid_member, "member", site=None, longitude=120.0)


def test_a_place_in_words_needs_a_town_of_the_county(steps):
    words = {"site": None, "place_words": "老车站对面", "attachment_ids": ()}
    with pytest.raises(InvalidInput) as refused:
        report(steps, steps.cast.hotline_officer, "hotline", **words)
    assert "town" in refused.value.fields
    with pytest.raises(InvalidInput):
        report(steps, steps.cast.hotline_officer, "hotline", **words, town=steps.cast.foreign_town)
    case = report(steps, steps.cast.hotline_officer, "hotline", **words, town=steps.cast.town)
    assert (case.place_kind, case.grid_id) == ("words", None)


def test_a_village_outside_the_town_is_refused(steps):
    with pytest.raises(InvalidInput) as refused:
        report(steps, steps.cast.hotline_officer, "hotline", site=None, place_words="村口", town=steps.cast.town,
               village=steps.cast.other_village)  # fmt: skip
    assert "village" in refused.value.fields


def test_a_site_of_another_county_is_refused(steps):
    with pytest.raises(InvalidInput):
        report(steps, None, "import", site=steps.cast.foreign_site, attachment_ids=())


def test_an_unknown_kind_channel_or_severity_is_refused(steps):
    for wrong in ({"kind": "NO-SUCH"}, {"severity": "terrible"}):
        with pytest.raises(InvalidInput):
            report(steps, steps.cast.grid_member, "member", **wrong)
    with pytest.raises(InvalidInput):
        report(steps, steps.cast.grid_member, "carrier_pigeon")


def test_words_longer_than_the_column_are_refused(steps):
    with pytest.raises(InvalidInput) as refused:
        report(steps, steps.cast.grid_member, "member", words="长" * 1001)
    assert "words" in refused.value.fields


def test_a_reporter_joins_a_case_that_was_offered(steps):
    first = report(steps, steps.cast.grid_member, "member")
    second = report(steps, steps.cast.committee, "committee", joins=first.id)
    assert (second.state, second.merged_into_id) == ("merged", first.id)
    assert not second.timers.exists()
    services.reject(acting_user=steps.cast.town_officer, case=first, reason="不属实")
    assert steps.told(steps.cast.committee, "cases.reject") == [f"不予受理：{first.number}"]


def test_a_reporter_joins_no_case_that_was_not_offered(steps):
    elsewhere = report(steps, steps.cast.next_grid_member, "member", site=steps.cast.next_site)
    for joins in (elsewhere.id, uuid4()):
        with pytest.raises(InvalidInput):
            report(steps, steps.cast.grid_member, "member", joins=joins)


def test_a_number_that_is_taken_is_tried_again(steps):
    taken = report(steps, steps.cast.grid_member, "member")
    case = steps.in_state("reported")
    fresh = Case(
        **{f.attname: getattr(case, f.attname) for f in Case._meta.concrete_fields if f.name not in ("id", "number")}
    )
    offered = iter([taken.number, taken.number, "330521-250305-ZZZZZ"])
    insert(fresh, lambda _county, _at: next(offered))
    assert fresh.number == "330521-250305-ZZZZZ"


def test_a_report_costs_few_statements(steps):
    photo = steps.photo(steps.cast.grid_member)
    report(steps, steps.cast.grid_member, "member")  # fills the caches
    with CaptureQueriesContext(connection) as queries:
        report(steps, steps.cast.grid_member, "member", attachment_ids=photo)
    real = [q["sql"] for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(real) <= 8, "\n".join(real)


def test_a_refused_report_leaves_no_trace(steps):
    with pytest.raises(InvalidInput):
        report(steps, steps.cast.grid_member, "member", kind="NO-SUCH")
    assert not TraceRow.objects.filter(county=steps.cast.county, action="cases.report").exists()
