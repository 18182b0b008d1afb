"""Verifying, registering and rejecting what came in."""

from datetime import timedelta
from uuid import uuid4

import pytest

from safegrid.cases import services
from safegrid.cases.access import visible
from safegrid.foundation import clock
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible


def assign(steps, case=None, **more):
    given = {"acting_user": steps.cast.town_officer, "verifier_id": steps.cast.grid_member.id, **more}
    case = case or steps.reported(acting_user=steps.cast.committee, channel="committee")
    return services.assign_verification(case=case, **given)


def verify(steps, case, **more):
    user = more.pop("acting_user", steps.cast.grid_member)
    given = {"finding": "情况属实", "attachment_ids": steps.photo(user), **steps.spot(), **more}
    return services.verify(acting_user=user, case=case, **given)


def test_a_member_is_sent_sees_the_case_and_reports_back(steps):
    case = steps.reported(acting_user=steps.cast.committee, channel="committee")
    seen = visible(steps.cast.grid_member).filter(county=case.county)
    assert case not in seen
    case = assign(steps, case)
    assert (case.state, case.stage) == ("verifying", "verify")
    assert case in seen.all()
    assert steps.told(steps.cast.grid_member, "cases.assign_verification")
    case = verify(steps, case)
    assert (case.state, case.stage) == ("reported", "accept")
    assert steps.traced(case, "cases.verify").changes["finding"] == "情况属实"


def test_the_accept_limit_waits_while_the_member_looks(steps):
    case = steps.reported(acting_user=steps.cast.committee, channel="committee")
    due = case.due_at
    steps.time.advance(timedelta(hours=1))
    case = assign(steps, case)
    steps.time.advance(timedelta(hours=1))
    case = verify(steps, case)
    assert case.due_at == due + timedelta(hours=1)


def test_only_the_member_charged_verifies(steps):
    case = assign(steps)
    with pytest.raises(NotVisible):
        verify(steps, case, acting_user=steps.cast.next_grid_member)
    with pytest.raises(NotPermitted):
        verify(steps, case, acting_user=steps.cast.town_officer)


def test_a_member_of_another_grid_or_nobody_at_all_cannot_be_charged(steps):
    for someone in (steps.cast.next_grid_member.id, steps.cast.committee.id, uuid4(), None):
        with pytest.raises(InvalidInput) as refused:
            assign(steps, verifier_id=someone)
        assert "verifier_id" in refused.value.fields


@pytest.mark.parametrize(
    "missing", [{"finding": ""}, {"attachment_ids": ()}, {"longitude": None}, {"latitude": None}, {"latitude": 91.0}]
)
def test_a_verification_needs_words_photograph_and_position(steps, missing):
    case = assign(steps)
    with pytest.raises(InvalidInput) as refused:
        verify(steps, case, **missing)
    assert set(refused.value.fields) == set(missing)


def test_the_station_registers_and_the_lead_office_is_told(steps):
    case = steps.registered()
    assert (case.state, case.stage, case.registered_at) == ("registered", "dispatch", clock.now())
    assert steps.told(steps.cast.lead_officer, "cases.register") == [f"立案：{case.number}"]
    assert steps.told(steps.cast.grid_member, "cases.register") == [f"立案：{case.number}"]
    row = steps.traced(case, "cases.register")
    assert (row.role, row.changes["state"]) == ("town_officer", ["reported", "registered"])


def test_registering_may_change_kind_and_severity(steps):
    case = services.register(acting_user=steps.cast.lead_officer, case=steps.reported(),
                             kind=steps.cast.major_kind.code, severity="major")  # fmt: skip
    assert (case.kind, case.severity) == (steps.cast.major_kind.code, "major")
    assert case.due_at == clock.now() + timedelta(hours=2)
    assert steps.traced(case, "cases.register").changes["severity"] == ["general", "major"]


def test_what_turns_out_an_accident_starts_the_statutory_hour(steps):
    case = services.register(acting_user=steps.cast.lead_officer, case=steps.reported(),
                             kind=steps.cast.accident_kind.code, severity="general")  # fmt: skip
    assert case.is_accident
    assert case.timers.get(stage="first_report").due_at == clock.now() + timedelta(hours=1)


def test_the_station_of_another_town_sees_nothing_to_register(steps):
    with pytest.raises(NotVisible):
        services.register(
            acting_user=steps.cast.other_town_officer, case=steps.reported(), kind=steps.kind, severity="minor"
        )


@pytest.mark.parametrize("person", ["grid_member", "leader", "auditor", "lead_chief"])
def test_only_station_and_lead_office_register(steps, person):
    with pytest.raises(NotPermitted):
        services.register(
            acting_user=getattr(steps.cast, person), case=steps.reported(), kind=steps.kind, severity="minor"
        )


@pytest.mark.parametrize("wrong", [{"kind": ""}, {"severity": ""}, {"severity": "huge"}, {"kind": "NO-SUCH"}])
def test_a_wrong_or_missing_kind_or_severity_is_refused(steps, wrong):
    with pytest.raises(InvalidInput):
        services.register(acting_user=steps.cast.town_officer, case=steps.reported(),
                          **{"kind": steps.kind, "severity": "minor", **wrong})  # fmt: skip


def test_a_version_that_is_no_longer_current_is_a_conflict(steps):
    case = steps.reported()
    services.register(acting_user=steps.cast.town_officer, case=case, kind=case.kind, severity="general")
    with pytest.raises(Conflict):
        services.reject(acting_user=steps.cast.lead_officer, case=case, reason="重复")


def test_a_page_may_name_the_version_it_saw(steps):
    case = steps.reported()
    with pytest.raises(Conflict):
        services.reject(acting_user=steps.cast.lead_officer, case=case, version=case.version + 1, reason="重复")


def test_a_rejected_report_ends_and_its_reporter_learns_so(steps):
    case = services.reject(acting_user=steps.cast.town_officer, case=steps.reported(), reason="不属于安全生产事项")
    assert (case.state, case.stage, case.due_at) == ("rejected", "", None)
    assert steps.told(steps.cast.grid_member, "cases.reject")
    assert steps.traced(case, "cases.reject").changes["reason"] == "不属于安全生产事项"


def test_a_rejection_needs_its_reason(steps):
    with pytest.raises(InvalidInput):
        services.reject(acting_user=steps.cast.town_officer, case=steps.reported(), reason="  ")


def test_the_system_triages_nothing(steps):
    with pytest.raises(NotPermitted):
        services.reject(acting_user=None, case=steps.reported(), reason="自动")
