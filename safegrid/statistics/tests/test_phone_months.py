"""A member's own months on the phone, against a count by hand over the rows."""

from datetime import date, datetime, timedelta

import pytest

from safegrid.cases import services
from safegrid.cases.models import Case, Recheck
from safegrid.foundation import clock
from safegrid.foundation.ids import uuid7
from safegrid.patrols.models import PlannedVisit, Visit
from safegrid.statistics import field

COUNTY = 330521


def months(user):
    return dict(field.FEEDS[0].rows(user, COUNTY))


def by_hand(user):
    """Count in Python what the feed counts in SQL."""
    found = {}

    def add(moment, name):
        day = moment.astimezone(clock.SHANGHAI).date() if isinstance(moment, datetime) else moment
        found.setdefault(f"{day:%Y-%m}", dict.fromkeys(field.NUMBERS, 0))[name] += 1

    for case in Case.objects.filter(county=COUNTY):
        if case.reporter_id != user.id:
            continue
        if case.state not in ("merged", "cancelled"):
            add(case.reported_at, "reports")
            if case.registered_at or (case.is_settled_on_spot and case.state == "closed"):
                add(case.reported_at, "valid_reports")
            if case.is_settled_on_spot:
                add(case.reported_at, "on_spot")
        if case.state in ("rejected", "merged"):
            add(case.reported_at, f"{case.state}_reports")
    for row in Recheck.objects.filter(county=COUNTY, done_by_id=user.id, result__in=("passed", "failed")):
        add(row.done_at, "rechecks")
    for visit in Visit.objects.filter(county=COUNTY, member_user_id=user.id):
        add(visit.visited_at, "visits")
    for planned in PlannedVisit.objects.filter(county=COUNTY, member_user_id=user.id).exclude(state="dropped"):
        add(planned.due_by, "visits_due")
    return found


def settled(steps):
    member = steps.cast.grid_member
    return services.settle_on_spot(
        acting_user=member, county=COUNTY, kind=steps.cast.minor_kind.code, words="灭火器过期", site=steps.site,
        before_ids=steps.photo(member), after_ids=steps.photo(member),
    )  # fmt: skip


def rechecked(steps, verb, **more):
    member, case = steps.cast.grid_member, steps.rectified()
    case = services.assign_recheck(acting_user=steps.cast.town_officer, case=case, rechecker_id=member.id)
    return getattr(services, verb)(acting_user=member, case=case, attachment_ids=steps.photo(member), **more)


def visited(cast, at):
    member = cast.member_of(cast.grid_member)
    Visit.objects.create(county=COUNTY, device_id=uuid7(), site=cast.site, member_id=member.id, member_user_id=member.user_id,
                         town=cast.town, outcome="done", visited_at=at, recorded_at=at)  # fmt: skip


def planned(cast, due_by, state="planned"):
    member = cast.member_of(cast.grid_member)
    PlannedVisit.objects.create(county=COUNTY, member_id=member.id, member_user_id=member.user_id, site=cast.site, town=cast.town,
                                reason="regular", minutes=30, due_by=due_by, state=state)  # fmt: skip


def a_month_of_work(steps):
    station = steps.cast.town_officer
    first = steps.reported()
    services.reject(acting_user=station, case=steps.reported(), reason="不属实")
    steps.reported(joins=first.id)
    services.confirm_on_spot(acting_user=station, case=settled(steps))
    settled(steps)
    services.refuse_on_spot(acting_user=station, case=settled(steps), reason="看不清")
    rechecked(steps, "recheck_pass", **steps.spot())
    rechecked(steps, "recheck_fail", reason="又堆上了")
    steps.passed(steps.rectified())  # somebody else's recheck
    steps.reported(acting_user=steps.cast.committee, channel="committee")  # somebody else's report
    visited(steps.cast, clock.now())
    planned(steps.cast, clock.today())
    planned(steps.cast, clock.today(), "done")
    planned(steps.cast, clock.today(), "dropped")


def test_the_months_are_what_a_count_by_hand_gives(steps):
    for moment in (clock.now(), datetime(2025, 5, 7, 9, tzinfo=clock.SHANGHAI)):
        steps.time.move_to(moment)
        a_month_of_work(steps)
    rows = months(steps.cast.grid_member)
    assert list(rows) == ["2025-05", "2025-04", "2025-03"]
    assert {key: row for key, row in rows.items() if any(row.values())} == by_hand(steps.cast.grid_member)
    assert rows["2025-04"] == dict.fromkeys(field.NUMBERS, 0)
    may = rows["2025-05"]
    assert (may["visits"], may["visits_due"], may["rechecks"], may["on_spot"]) == (1, 2, 2, 2)
    assert (may["rejected_reports"], may["merged_reports"]) == (1, 1)


def test_a_month_begins_at_midnight_in_shanghai(steps):
    midnight = datetime(2025, 3, 1, tzinfo=clock.SHANGHAI)
    for at in (midnight - timedelta(seconds=1), midnight):
        visited(steps.cast, at)
    rows = months(steps.cast.grid_member)
    assert (rows["2025-02"]["visits"], rows["2025-03"]["visits"]) == (1, 1)


def test_older_months_go(steps):
    visited(steps.cast, datetime(2024, 12, 31, 23, 59, tzinfo=clock.SHANGHAI))
    planned(steps.cast, date(2024, 12, 31))
    assert not any(number for row in months(steps.cast.grid_member).values() for number in row.values())


def test_the_year_turns(steps):
    steps.time.move_to(datetime(2026, 1, 15, 9, tzinfo=clock.SHANGHAI))
    assert list(months(steps.cast.grid_member)) == ["2026-01", "2025-12", "2025-11"]


@pytest.mark.parametrize("person", ["committee", "town_officer", "outsider"])
def test_only_members_have_months(steps, person):
    assert months(getattr(steps.cast, person)) == {}


def test_another_member_sees_nothing_of_it(steps):
    a_month_of_work(steps)
    assert not any(number for row in months(steps.cast.next_grid_member).values() for number in row.values())


def test_the_months_take_few_statements(steps, django_assert_max_num_queries):
    months(steps.cast.grid_member)
    with django_assert_max_num_queries(6):
        months(steps.cast.grid_member)
