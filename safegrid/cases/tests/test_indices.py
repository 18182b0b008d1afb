"""The indices, recomputed from the rows in plain Python, and told in examples."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safegrid.cases import services
from safegrid.cases.firing import fire_timers
from safegrid.cases.indices import GROUPINGS, INDICES, indices
from safegrid.cases.models import Case, CaseTimer, Dispute, Recheck
from safegrid.cases.tests.steps import MORNING
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted
from safegrid.foundation.ids import uuid7

DAY = timedelta(days=1)
TODAY = MORNING.date()


def figures(steps, user=None, **more):
    """The one line of the whole county."""
    (line,) = indices(user or steps.cast.lead_officer, steps.cast.county, **{"since": TODAY, "until": TODAY, **more})
    return line


def test_a_case_in_time_counts_for_everything(steps):
    steps.closed()
    line = figures(steps)
    assert line.rates == {
        "filing": 1, "valid_report": 1, "accurate_dispatch": 1, "handled": 1, "handled_in_time": 1, "closed": 1,
        "closed_in_time": 1, "rechecked_in_time": 1, "rework": 0, "supervised": 0,
    }  # fmt: skip
    assert line.counts["overdue_now"] == 0


def test_what_still_has_time_counts_neither_for_nor_against(steps):
    steps.handling()
    line = figures(steps)
    assert (line.counts["should_handle"], line.rate("handled"), line.rate("closed")) == (0, None, None)
    assert line.rate("filing") == 1


def test_an_overrun_counts_against_and_an_accepted_appeal_excuses_it_in_the_second_figure(steps):
    case = steps.handling()
    steps.time.move_to(case.due_at + timedelta(hours=1))
    line = figures(steps)
    assert (line.counts["overdue_now"], line.rate("handled"), line.rate("closed")) == (1, 0, 0)
    fire_timers()
    case = steps.fed_back(Case.objects.get(county=case.county, id=case.id))
    assert figures(steps).rate("handled_in_time") == 0
    timer = CaseTimer.objects.get(county=case.county, case_id=case.id, stage="handle")
    case = services.appeal_overdue(acting_user=steps.cast.fire_officer, case=case, timer_id=timer.id, reason="台风")
    for officer in (steps.cast.lead_officer, steps.cast.second_lead_officer):
        case = services.decide_appeal(acting_user=officer, case=case, appeal_id=case.appeals.get().id, accepts=True)
    assert figures(steps).rate("handled_in_time") == 0
    assert figures(steps, excused=True).rate("handled_in_time") == 1


def test_merged_and_cancelled_reports_are_left_out(steps):
    first = steps.registered()
    services.merge(acting_user=steps.cast.town_officer, case=steps.reported(), into_id=first.id)
    services.cancel(acting_user=steps.cast.lead_chief, case=steps.reported(), reason="误录")
    services.reject(acting_user=steps.cast.town_officer, case=steps.reported(), reason="不属实")
    assert figures(steps).counts["reported"] == 2
    assert figures(steps).rate("filing") == 0.5


def test_a_return_or_a_dispute_is_no_accurate_dispatch(steps):
    services.return_(acting_user=steps.cast.fire_officer, case=steps.dispatched(), reason="不属")
    services.dispute(acting_user=steps.cast.fire_officer, case=steps.dispatched(), reason="不属")
    steps.dispatched()
    assert figures(steps).rate("accurate_dispatch") == pytest.approx(1 / 3)


def test_a_day_is_a_day_in_shanghai(steps):
    steps.time.move_to(MORNING.replace(hour=23, minute=59))
    steps.reported()
    steps.time.advance(timedelta(minutes=1))
    steps.reported()
    lines = indices(steps.cast.lead_officer, steps.cast.county, since=TODAY, until=TODAY + DAY, by="day")
    assert [(line.key, line.counts["reported"]) for line in lines] == [(TODAY, 1), (TODAY + DAY, 1)]
    assert figures(steps).counts["reported"] == 1


def test_each_sees_the_figures_of_the_own_cases(steps):
    steps.dispatched()
    steps.site = steps.cast.other_site
    steps.reported(acting_user=steps.cast.other_grid_member)
    reported = {name: figures(steps, getattr(steps.cast, name)).counts["reported"] for name in (
        "lead_officer", "leader", "auditor", "upper_level", "town_officer", "other_town_officer", "fire_officer",
        "market_officer", "grid_member", "outsider")}  # fmt: skip
    assert reported == {"lead_officer": 2, "leader": 2, "auditor": 2, "upper_level": 2, "town_officer": 1,
                        "other_town_officer": 1, "fire_officer": 1, "market_officer": 0, "grid_member": 1,
                        "outsider": 0}  # fmt: skip
    with pytest.raises(NotPermitted):
        figures(steps, steps.cast.site_contact)


def test_questions_that_make_no_sense_are_refused(steps):
    with pytest.raises(InvalidInput):
        figures(steps, by="colour")
    with pytest.raises(InvalidInput):
        figures(steps, until=TODAY - DAY)


def test_one_statement_a_grouping(steps, django_assert_num_queries):
    steps.dispatched()
    steps.cast.lead_officer.holdings()
    for by in ("", *GROUPINGS):
        with django_assert_num_queries(1):
            assert indices(steps.cast.lead_officer, steps.cast.county, since=TODAY, until=TODAY, by=by)


# The same again, in plain Python, over anything that the tables can hold.

OVER = ("overdue", "badly_overdue")
MAIN = ("accept", "verify", "dispatch", "receive", "handle", "recheck", "close")
PEOPLE = [uuid7() for _ in range(3)]
maybe, mostly = st.booleans(), st.sampled_from([True, True, True, False])
timer_specs = st.fixed_dictionaries({
    "stage": st.sampled_from(["handle", "handle", "recheck", "recheck", "close", "accept", "supervise"]),
    "state": st.sampled_from(["on_time", *OVER]),
    "due": st.integers(-3, 3),
    "ended": st.sampled_from(["", "paused", "stopped"]),
    "excused": maybe,
})  # fmt: skip
case_specs = st.fixed_dictionaries({
    "state": st.sampled_from(["closed"] * 6 + ["reported", "handling", "handling", "rectified", "rejected", "merged",
                                              "cancelled", "suspended"]),
    "registered": mostly, "dispatched": mostly, "rectified": mostly, "on_spot": maybe, "supervised": maybe,
    "returns": st.integers(0, 2), "reworks": st.integers(0, 2), "day": st.sampled_from([0, 0, 0, -1, 1, -2, 2]),
    "hour": st.integers(0, 23),
    "village": st.sampled_from(["330521001001", "330521001002", "330521101022"]),
    "kind": st.sampled_from(["FIRE", "ELEC"]), "member": st.sampled_from(PEOPLE), "role": maybe, "disputed": maybe,
    "rechecks": st.lists(st.sampled_from(["waiting", "passed", "failed", "waived"]), max_size=2),
    "timers": st.lists(timer_specs, max_size=3),
})  # fmt: skip


def written(cast, number, spec):
    """Write one drawn case with its rows; a second open timer of a stage cannot be and is left out."""
    at = MORNING if spec["day"] == 0 else MORNING + spec["day"] * DAY
    moment = at.replace(hour=spec["hour"])
    case = Case.objects.create(
        county=cast.county, number=f"X-{number}", state=spec["state"], kind=spec["kind"], severity="general",
        nature="hazard", channel="member", words="堆物", place_kind="words", town=spec["village"][:9],
        village=spec["village"], reporter_id=spec["member"], reporter_role="grid_member" if spec["role"] else "committee",
        reported_at=moment, updated_at=moment, registered_at=moment if spec["registered"] else None,
        dispatched_at=moment if spec["dispatched"] else None, rectified_at=moment if spec["rectified"] else None,
        is_settled_on_spot=spec["on_spot"], is_supervised=spec["supervised"], returns=spec["returns"],
        reworks=spec["reworks"],
    )  # fmt: skip
    open_stages = set()
    kept = []
    for one in spec["timers"]:
        if one["ended"] != "stopped":
            if one["stage"] in open_stages:
                continue
            open_stages.add(one["stage"])
        kept.append(one)
        CaseTimer.objects.create(
            county=cast.county, case=case, stage=one["stage"], limit={}, original_limit={}, started_at=moment,
            resumed_at=moment, due_at=MORNING + one["due"] * DAY, state=one["state"], is_excused=one["excused"],
            paused_at=moment if one["ended"] == "paused" else None,
            stopped_at=moment if one["ended"] == "stopped" else None,
        )  # fmt: skip
    for result in spec["rechecks"]:
        Recheck.objects.create(county=cast.county, case=case, result=result)
    if spec["disputed"]:
        Dispute.objects.create(county=cast.county, case=case, reason="不属", opened_by_id=PEOPLE[0], opened_at=moment)
    return {**spec, "timers": kept, "date": moment.date()}


def counted(spec, excused):
    """Return the names of the counts to which one case belongs."""
    late, late_now = set(), set()
    for one in spec["timers"]:
        running = not one["ended"]
        over = one["due"] <= 0 if running else one["state"] in OVER
        if over and not (excused and one["excused"]):
            late.add(one["stage"])
            if running:
                late_now.add(one["stage"])
    done = spec["dispatched"] and spec["rectified"]
    shut = spec["registered"] and spec["state"] == "closed"
    rechecked = bool({"passed", "failed"} & set(spec["rechecks"]))
    is_open = spec["state"] not in ("closed", "rejected", "merged", "cancelled")
    facts = {
        "reported": True,
        "registered": spec["registered"],
        "valid": spec["registered"] or (spec["on_spot"] and spec["state"] == "closed"),
        "dispatched": spec["dispatched"],
        "sent_right": spec["dispatched"] and spec["returns"] == 0 and not spec["disputed"],
        "handled": done,
        "should_handle": done or "handle" in late_now,
        "handled_in_time": done and "handle" not in late,
        "ever_handled": done or spec["reworks"] > 0,
        "reworked": spec["reworks"] > 0,
        "closed": shut,
        "should_close": shut or (spec["registered"] and bool(late_now & set(MAIN))),
        "closed_in_time": shut and not late & set(MAIN),
        "rechecked": rechecked,
        "should_recheck": rechecked or "recheck" in late_now,
        "rechecked_in_time": rechecked and "recheck" not in late,
        "supervised": spec["registered"] and spec["supervised"],
        "overdue_now": is_open and bool(late_now & set(MAIN)),
    }
    return {name for name, holds in facts.items() if holds}


KEY_OF = {
    "": lambda _spec: None,
    "village": lambda spec: spec["village"],
    "town": lambda spec: spec["village"][:9],
    "kind": lambda spec: spec["kind"],
    "member": lambda spec: spec["member"],
    "day": lambda spec: spec["date"],
    "month": lambda spec: spec["date"].replace(day=1),
    "week": lambda spec: spec["date"] - timedelta(days=spec["date"].weekday()),
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(case_specs, max_size=12), by=st.sampled_from(sorted(KEY_OF)), excused=maybe)
def test_every_index_equals_its_definition_read_off_the_rows(cast, drawn, by, excused):
    since, until = TODAY - DAY, TODAY + DAY
    with clock.simulated(MORNING), transaction.atomic():
        specs = [written(cast, number, spec) for number, spec in enumerate(drawn)]
        lines = indices(cast.lead_officer, cast.county, since=since, until=until, by=by, excused=excused)
        transaction.set_rollback(True)
    wanted = defaultdict(Counter)
    if not by:
        wanted[None] = Counter()
    for spec in specs:
        left_out = spec["state"] in ("merged", "cancelled") or (by == "member" and not spec["role"])
        if not left_out and since <= spec["date"] <= until:
            wanted[KEY_OF[by](spec)].update(counted(spec, excused))
    assert [line.key for line in lines] == sorted(wanted, key=lambda key: (key is None, key))
    for line in lines:
        expected = wanted[line.key]
        assert {name: number for name, number in line.counts.items() if number} == {
            n: c for n, c in expected.items() if c
        }
        for index in INDICES:
            under = expected[index.under]
            assert line.rate(index.name) == (expected[index.over] / under if under else None)
            assert line.rate(index.name) is None or 0 <= line.rate(index.name) <= 1


def test_the_period_ends_are_dates_of_the_calendar(steps):
    assert figures(steps, since=date(2024, 2, 29), until=date(2024, 2, 29)).counts["reported"] == 0
