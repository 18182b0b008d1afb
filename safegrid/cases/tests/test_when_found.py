"""A report that came in later than the thing was seen: both moments are kept, and nobody is late for what nobody knew."""

from datetime import datetime, timedelta

import pytest

from safegrid.cases import services
from safegrid.cases.models import Case
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput


def test_when_it_was_found_is_kept_beside_when_it_was_reported(steps):
    found = clock.now() - timedelta(days=6)
    case = Case.objects.get(county=steps.cast.county, id=steps.reported(found_at=found).id)
    assert (case.found_at, case.reported_at) == (found, clock.now())
    assert steps.traced(case, "cases.report").changes["found_at"] == found.isoformat()


def test_limits_run_from_the_report_for_nobody_could_act_before(steps):
    late, at_once = steps.reported(found_at=clock.now() - timedelta(days=6)), steps.reported()
    assert (late.due_at, late.timing) == (at_once.due_at, "on_time")
    assert late.timers.get(stage="accept").started_at == late.reported_at


def test_nothing_is_found_in_the_future_or_at_a_time_without_a_zone(steps):
    for wrong in (clock.now() + timedelta(seconds=1), datetime(2025, 3, 1, 8, 0)):  # noqa: DTZ001 what is refused
        with pytest.raises(InvalidInput) as refused:
            steps.reported(found_at=wrong)
        assert set(refused.value.fields) == {"found_at"}
    assert not Case.objects.filter(county=steps.cast.county).exists()


def test_what_was_put_right_on_the_spot_keeps_it_too(steps):
    found, member = clock.now() - timedelta(hours=30), steps.cast.grid_member
    case = services.settle_on_spot(
        acting_user=member, county=steps.cast.county, kind=steps.cast.minor_kind.code, words="灭火器过期", site=steps.site,
        before_ids=steps.photo(member), after_ids=steps.photo(member), found_at=found,
    )  # fmt: skip
    assert case.found_at == found


def test_a_case_offered_on_the_phone_days_ago_can_still_be_joined(steps):
    first = steps.reported()
    found = clock.now() + timedelta(days=1)
    steps.time.move_to(clock.now() + timedelta(days=steps.cast.general_kind.duplicate_days + 2))
    joined = steps.reported(acting_user=steps.cast.committee, channel="committee", joins=first.id, found_at=found)
    assert (joined.state, joined.merged_into_id) == ("merged", first.id)


def test_the_page_and_the_api_show_both_moments(steps):
    case = steps.reported(found_at=clock.now() - timedelta(days=1))
    page = steps.cast.client(steps.cast.town_officer).get(f"/cases/{case.county}/{case.id}/")
    assert "2025-03-04 09:00" in page.text
    assert "2025-03-05 09:00" in page.text
    answer = steps.cast.api(steps.cast.town_officer).get(f"/api/v1/cases/{case.county}/{case.id}").json()
    assert datetime.fromisoformat(answer["found_at"]) == case.found_at


def test_the_api_takes_it(steps):
    member = steps.cast.grid_member
    body = {"kind": steps.kind, "words": "堆物", "site_id": str(steps.site.id), "found_at": "2025-03-04T08:00:00+08:00",
            "attachment_ids": [str(one) for one in steps.photo(member)]}  # fmt: skip
    answer = steps.cast.api(member).post(f"/api/v1/cases/{steps.cast.county}", body)
    assert answer.status_code == 201
    assert datetime.fromisoformat(answer.json()["found_at"]) == datetime(2025, 3, 4, 8, 0, tzinfo=clock.SHANGHAI)
