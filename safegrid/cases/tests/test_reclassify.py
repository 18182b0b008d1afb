"""Another kind or severity for an open case."""

from datetime import timedelta

import pytest

from safegrid.cases import services
from safegrid.cases.models import Case, CaseTimer
from safegrid.foundation import clock
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible, WrongState

NOISE = "HEALTH-NOISE"


@pytest.fixture
def elsewhere(steps):
    """At a place without a site, where the hazard kind alone decides: fire answers for fire, nobody for noise."""
    steps.where = {"site": None, "longitude": steps.site.longitude, "latitude": steps.site.latitude,
                   "village": steps.site.village}  # fmt: skip
    return steps


def reclassify(steps, case, kind=None, severity="general", user=None, **more):
    return services.reclassify(acting_user=user or steps.cast.lead_officer, case=case, kind=kind or case.kind,
                               severity=severity, **{"reason": "现场核定", **more})  # fmt: skip


def test_another_severity_gives_the_running_stage_another_limit(elsewhere):
    case = elsewhere.handling(**elsewhere.where)
    elsewhere.time.advance(timedelta(hours=2))
    case = reclassify(elsewhere, case, "FIRE-EXTINGUISHER", "minor")
    assert (case.state, case.department_id, case.kind, case.severity) == (
        "handling", elsewhere.cast.fire.id, "FIRE-EXTINGUISHER", "minor")  # fmt: skip
    timer = CaseTimer.objects.get(county=case.county, case_id=case.id, stage="handle")
    assert timer.limit == timer.original_limit == {"value": 5, "unit": "working_days"}
    assert case.due_at == timer.due_at > clock.now() + timedelta(days=5)
    assert elsewhere.traced(case, "cases.reclassify").changes["severity"] == ["general", "minor"]
    assert elsewhere.told(elsewhere.cast.fire_officer, "cases.reclassify") == [f"重新定类：{case.number}"]


def test_another_responsible_department_sends_it_back_to_be_dispatched(elsewhere):
    case = elsewhere.handling(**elsewhere.where)
    case = services.request_suspension(acting_user=elsewhere.cast.fire_officer, case=case, interim_control="停用",
                                       until_day=clock.today() + timedelta(days=9), reason="等配件")  # fmt: skip
    case = reclassify(elsewhere, case, NOISE)
    assert (case.state, case.kind, case.stage) == ("registered", NOISE, "dispatch")
    running = CaseTimer.objects.filter(county=case.county, case_id=case.id, stopped_at__isnull=True)
    assert [timer.stage for timer in running] == ["dispatch"]
    assert case.suspension_requests.get().decision == "refused"
    assert elsewhere.told(elsewhere.cast.fire_officer, "cases.reclassify")
    again = services.dispatch(acting_user=elsewhere.cast.lead_officer, case=case, reason="职业卫生",
                              department_id=elsewhere.cast.lead_department.id)  # fmt: skip
    assert again.state == "dispatched"


def test_a_case_given_by_hand_stays_where_the_rules_answer_is_unchanged(steps):
    """At the paint factory the rules name the lead department for every kind; the fire department has it by hand."""
    case = steps.handling()
    assert case.department_id == steps.cast.fire.id
    assert reclassify(steps, case, NOISE).state == "handling"


@pytest.mark.parametrize("state", ["disputed", "suspended", "rectified", "returned"])
def test_from_wherever_it_was_nothing_runs_on_for_the_former_department(elsewhere, state):
    officer = elsewhere.cast.fire_officer
    case = elsewhere.dispatched(**elsewhere.where)
    if state == "returned":
        case = services.return_(acting_user=officer, case=case, reason="不属")
    else:
        case = services.receive(acting_user=officer, case=case)
    if state == "disputed":
        case = services.dispute(acting_user=officer, case=case, reason="不属")
    if state == "suspended":
        case = services.request_suspension(acting_user=officer, case=case, until_day=clock.today() + timedelta(days=9),
                                           reason="等配件", interim_control="停用")  # fmt: skip
        case = services.grant_suspension(acting_user=elsewhere.cast.lead_officer, case=case)
    if state == "rectified":
        case = elsewhere.fed_back(case)
    assert case.state == state
    case = reclassify(elsewhere, case, NOISE)
    assert (case.state, case.rectified_at, case.rectifiers, case.referred_up_to) == ("registered", None, [], "")
    assert not case.disputes.filter(settled_at__isnull=True).exists()
    assert not case.suspension_requests.filter(decision="granted", resumed_at__isnull=True).exists()
    running = CaseTimer.objects.filter(county=case.county, case_id=case.id, stopped_at__isnull=True)
    assert [timer.stage for timer in running] == ["dispatch"]


def test_before_dispatch_it_stays_where_it_is(steps):
    case = reclassify(steps, steps.registered(), NOISE, user=steps.cast.town_officer)
    assert (case.state, case.kind) == ("registered", NOISE)
    case = reclassify(steps, steps.reported(), severity="major")
    assert (case.state, case.due_at) == ("reported", clock.now() + timedelta(hours=2))


def test_what_turns_out_an_accident_starts_the_statutory_clock_and_back_stops_it(steps):
    case = reclassify(steps, steps.reported(), "ACCIDENT-ORDINARY", "major")
    timer = CaseTimer.objects.get(county=case.county, case_id=case.id, stage="first_report")
    assert (case.is_accident, timer.due_at) == (True, clock.now() + timedelta(hours=1))
    assert steps.told(steps.cast.lead_officer, "cases.accident") == [f"生产安全事故重新定类：{case.number}"]
    case = reclassify(steps, case, NOISE)
    timer.refresh_from_db()
    assert (case.is_accident, timer.stopped_at) == (False, clock.now())


def test_the_same_kind_and_severity_unknown_ones_and_no_reason_are_refused(steps):
    case = steps.registered()
    with pytest.raises(InvalidInput, match="没有变化"):
        reclassify(steps, case)
    for wrong in ({"kind": "NO-SUCH"}, {"severity": "huge"}, {"severity": "minor", "reason": ""}):
        with pytest.raises(InvalidInput):
            reclassify(steps, case, **wrong)


def test_departments_and_strangers_do_not_reclassify_and_ended_cases_are_left_alone(steps):
    case = steps.handling()
    with pytest.raises(NotPermitted):
        reclassify(steps, case, NOISE, user=steps.cast.fire_officer)
    with pytest.raises(NotVisible):
        reclassify(steps, case, NOISE, user=steps.cast.other_town_officer)
    with pytest.raises(WrongState):
        reclassify(steps, steps.closed(), NOISE)


def test_of_two_at_once_the_second_meets_a_conflict(steps):
    case = steps.registered()
    seen = Case.objects.get(county=case.county, id=case.id)
    reclassify(steps, case, NOISE)
    with pytest.raises(Conflict):
        reclassify(steps, seen, severity="minor", user=steps.cast.town_officer)
