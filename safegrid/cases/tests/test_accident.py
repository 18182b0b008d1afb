"""Accidents: the desk is told at once, and each level is reported to inside its statutory time."""

from datetime import timedelta

import pytest

from safegrid.cases import services
from safegrid.cases.firing import fire_timers
from safegrid.cases.models import AccidentReport, Case, CaseTimer
from safegrid.cases.services import load_default_ladder
from safegrid.foundation import clock
from safegrid.foundation.cache import forget_everything
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible, Refused

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def accident(steps):
    kind = steps.cast.accident_kind
    kind.statutory_report = {"unit_hours": 1, "level_hours": 2, "report_up_to": "city"}
    kind.save()
    forget_everything()
    steps.kind = kind.code
    return steps


def graver(steps, up_to):
    kind = steps.cast.accident_kind
    kind.statutory_report = {"unit_hours": 1, "level_hours": 2, "report_up_to": up_to}
    kind.save()
    forget_everything()


def first(steps, case, user=None, **more):
    return services.send_first_report(acting_user=user or steps.cast.lead_officer, case=case,
                                      **{"body": "县应急管理局、县政府", "words": "一人受伤", **more})  # fmt: skip


def up(steps, case, user=None, **more):
    return services.report_up(acting_user=user or steps.cast.lead_officer, case=case,
                              **{"body": "市应急管理局", "words": "一人受伤，已送医", **more})  # fmt: skip


def timer(case, stage):
    return CaseTimer.objects.filter(county=case.county, case_id=case.id, stage=stage).latest("started_at", "id")


def on_duty(steps, user):
    return services.plan_shift(acting_user=steps.cast.lead_chief, county=steps.cast.county, user_id=user.id,
                               begins_at=clock.now(), ends_at=clock.now() + 12 * HOUR, phone="8062119")  # fmt: skip


def test_whoever_is_on_duty_is_told_at_once_even_at_night(accident):
    officer = accident.cast.second_lead_officer
    accident.time.advance(15 * HOUR)
    on_duty(accident, officer)
    case = accident.reported()
    assert accident.told(officer, "cases.accident") == [f"生产安全事故上报：{case.number}"]
    assert accident.told(accident.cast.lead_officer, "cases.accident") == []  # not on duty


def test_when_nobody_is_on_duty_the_whole_lead_office_is_told(accident):
    chief = accident.cast.lead_chief
    case = accident.reported()
    for user in (chief, accident.cast.lead_officer):
        assert accident.told(user, "cases.accident") == [f"生产安全事故上报：{case.number}"]


def test_a_hazard_leaves_the_desk_in_peace(steps):
    on_duty(steps, steps.cast.second_lead_officer)
    steps.registered()
    assert steps.told(steps.cast.second_lead_officer, "cases.accident") == []


def test_one_hour_to_the_first_report_then_two_hours_to_the_city(accident):
    case = accident.reported()
    clock_of_hour = timer(case, "first_report")
    assert clock_of_hour.due_at == clock.now() + HOUR
    accident.time.advance(30 * MINUTE)
    case = first(accident, case, paper="安急〔2025〕1号", occurred_at=clock.now() - 2 * HOUR)
    clock_of_hour.refresh_from_db()
    assert (clock_of_hour.stopped_at, clock_of_hour.state) == (clock.now(), "on_time")
    assert timer(case, "report_up").due_at == clock.now() + 2 * HOUR
    row = AccidentReport.objects.get(county=case.county, case_id=case.id)
    assert (row.step, row.level, row.body, row.paper, row.sent_at, row.recorded_by_id) == (
        "first", "county", "县应急管理局、县政府", "安急〔2025〕1号", clock.now(), accident.cast.lead_officer.id)  # fmt: skip
    accident.time.advance(HOUR)
    case = up(accident, case)
    assert timer(case, "report_up").stopped_at == clock.now()
    assert accident.traced(case, "cases.report_up").changes["level"] == "city"
    assert accident.traced(case, "cases.send_first_report").changes["paper"] == "安急〔2025〕1号"
    assert accident.told(accident.cast.lead_chief, "cases.report_up") == [f"事故逐级上报：{case.number}"]
    with pytest.raises(Refused, match="上报完毕"):
        up(accident, case)


def test_a_graver_accident_climbs_level_by_level(accident):
    graver(accident, "state_council")
    case = first(accident, accident.reported())
    for level in ("city", "province", "state_council"):
        accident.time.advance(HOUR)
        case = up(accident, case, accident.cast.upper_level if level != "city" else None)
        assert accident.traced(case, "cases.report_up").changes["level"] == level
        if level != "state_council":
            assert timer(case, "report_up").due_at == clock.now() + 2 * HOUR
    assert not CaseTimer.objects.filter(
        county=case.county, case_id=case.id, stage="report_up", stopped_at__isnull=True
    ).exists()


def test_a_report_made_in_time_and_entered_late_counts_as_made(accident):
    case = accident.reported()
    accident.time.advance(90 * MINUTE)
    fire_timers()
    assert timer(case, "first_report").state == "overdue"
    first(accident, case, sent_at=clock.now() - 40 * MINUTE)
    assert timer(case, "first_report").state == "near"
    assert timer(case, "report_up").due_at == clock.now() + 80 * MINUTE


def test_a_nearing_and_an_overrun_clock_warn_the_desk_and_climb_the_ladder(accident):
    load_default_ladder(accident.cast.county)
    chief, leader = accident.cast.lead_chief, accident.cast.leader
    accident.reported()
    accident.time.advance(50 * MINUTE)
    fire_timers()
    assert any("事故快报即将到期" in title for title in accident.told(chief, "cases.timer"))
    accident.time.advance(11 * MINUTE)
    fire_timers()
    assert any("事故快报已超期" in title for title in accident.told(chief, "cases.timer"))
    assert not any("事故快报" in title for title in accident.told(leader, "cases.timer"))
    accident.time.advance(9 * HOUR)
    fire_timers()
    assert any("事故快报超期升级（第2级）" in title for title in accident.told(leader, "cases.timer"))


@pytest.mark.parametrize(("fire_or_traffic", "days"), [(False, 30), (True, 7)])
def test_changed_casualties_are_supplemented_inside_the_statutory_days(accident, fire_or_traffic, days):
    case = first(accident, accident.reported(), is_fire_or_traffic=fire_or_traffic)
    supplement = {"acting_user": accident.cast.lead_officer, "body": "市应急管理局", "words": "伤者死亡"}
    accident.time.advance(timedelta(days=days))
    case = services.supplement_report(case=case, **supplement)
    assert AccidentReport.objects.filter(county=case.county, case_id=case.id, step="supplement").count() == 1
    accident.time.advance(timedelta(days=1))
    with pytest.raises(Refused, match="第十三条"):
        services.supplement_report(case=case, **supplement)


def test_reports_come_in_their_order_and_the_first_only_once(accident):
    case = accident.reported()
    for verb in (services.report_up, services.supplement_report):
        with pytest.raises(Refused, match="尚未快报"):
            verb(acting_user=accident.cast.lead_officer, case=case, body="市应急管理局", words="续报")
    case = first(accident, case)
    with pytest.raises(Refused, match="已经快报"):
        first(accident, case)


def test_moments_that_cannot_be_are_refused(accident):
    case = accident.reported()
    for wrong, field in (
        ({"sent_at": clock.now() + MINUTE}, "sent_at"),
        ({"sent_at": clock.now().replace(tzinfo=None)}, "sent_at"),
        ({"occurred_at": clock.now() + MINUTE}, "occurred_at"),
        ({"body": ""}, "body"),
        ({"words": ""}, "words"),
    ):
        with pytest.raises(InvalidInput) as refused:
            first(accident, case, **wrong)
        assert field in refused.value.fields
    case = first(accident, case)
    with pytest.raises(InvalidInput, match="早于上一次"):
        up(accident, case, sent_at=clock.now() - MINUTE)


def test_an_accident_is_not_closed_before_every_level_knows(accident):
    case = accident.in_state("rechecked", kind=accident.kind, severity="major", nature="accident", is_accident=True)
    with pytest.raises(Refused, match="尚未快报"):
        services.close(acting_user=accident.cast.lead_officer, case=case)
    case = first(accident, case)
    with pytest.raises(Refused, match="尚未上报市级"):
        services.close(acting_user=accident.cast.lead_officer, case=case)
    case = services.close(acting_user=accident.cast.lead_officer, case=up(accident, case))
    assert case.state == "closed"


def test_a_clock_stopped_without_its_report_goes_on_to_the_end_it_had(accident):
    case = accident.reported()
    due = timer(case, "first_report").due_at
    case = services.reject(acting_user=accident.cast.lead_officer, case=case, reason="疑似误报")
    accident.time.advance(40 * MINUTE)
    case = services.reopen(acting_user=accident.cast.lead_officer, case=case, reason="事故属实")
    assert (timer(case, "first_report").due_at, timer(case, "first_report").stopped_at) == (due, None)


def test_a_graver_grade_found_later_asks_for_the_levels_above(accident):
    case = up(accident, first(accident, accident.reported()))
    graver(accident, "province")
    case = services.reclassify(acting_user=accident.cast.lead_officer, case=case, kind=case.kind, severity="general",
                               reason="伤亡增加")  # fmt: skip
    assert timer(case, "report_up").stopped_at is None
    assert timer(case, "report_up").due_at == clock.now() + 2 * HOUR


def test_only_the_lead_office_reports_and_only_accidents(accident):
    case = accident.reported()
    for person in (accident.cast.town_officer, accident.cast.leader):
        with pytest.raises(NotPermitted):
            first(accident, case, person)
    with pytest.raises(NotVisible):
        first(accident, case, accident.cast.outsider)
    accident.kind = accident.cast.general_kind.code
    with pytest.raises(NotPermitted, match="不是生产安全事故"):
        first(accident, accident.reported())


def test_of_two_reports_at_once_the_second_meets_a_conflict(accident):
    case = accident.reported()
    seen = Case.objects.get(county=case.county, id=case.id)
    first(accident, case)
    with pytest.raises(Conflict):
        first(accident, seen, accident.cast.second_lead_officer)
    assert AccidentReport.objects.filter(county=case.county, case_id=case.id).count() == 1
