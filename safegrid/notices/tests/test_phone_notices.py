"""One's own inbox on the phone."""

from datetime import timedelta

import pytest

from safegrid.cases import services as cases
from safegrid.foundation import clock
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.fieldwork import Received
from safegrid.foundation.ids import uuid7
from safegrid.notices import field
from safegrid.notices.models import Notice
from safegrid.notices.services import tell

COUNTY = 330521


def notices(user):
    return dict(field.FEEDS[0].rows(user, COUNTY))


def read(user, notice_id):
    operation = field.OPERATIONS[0]
    payload = operation.schema(notice_id=notice_id)
    return operation.run(user, COUNTY, payload, Received(uuid7(), uuid7(), clock.now(), list))


def test_a_message_about_a_case_leads_to_the_case_in_the_app(steps):
    case = cases.assign_verification(acting_user=steps.cast.town_officer, case=steps.reported(),
                                     verifier_id=steps.cast.grid_member.id)  # fmt: skip
    assert steps.told(steps.cast.grid_member, "cases.assign_verification")
    (row,) = [one for one in notices(steps.cast.grid_member).values() if one["kind"] == "cases.assign_verification"]
    assert (row["url"], row["title"], row["is_read"]) == (f"/m/#/cases/{case.id}", f"交办核实：{case.number}", False)


def test_what_the_app_has_no_page_for_leads_nowhere_or_to_the_console(cast):
    tell(county=COUNTY, recipients=[cast.grid_member.id], kind="plain", title="通知", key="a")
    assert [row["url"] for row in notices(cast.grid_member).values()] == [""]


def test_reading_is_noted_and_noted_once(cast):
    tell(county=COUNTY, recipients=[cast.grid_member.id], kind="plain", title="通知", key="a")
    ((key, _),) = notices(cast.grid_member).items()
    assert read(cast.grid_member, key) == read(cast.grid_member, key) == {"id": key}
    assert notices(cast.grid_member)[key]["is_read"]


def test_nobody_reads_or_keeps_anybody_elses(cast):
    tell(county=COUNTY, recipients=[cast.grid_member.id], kind="plain", title="通知", key="a")
    tell(county=cast.foreign_county, recipients=[cast.grid_member.id], kind="plain", title="外县通知", key="b")
    ((key, row),) = notices(cast.grid_member).items()
    assert row["title"] == "通知"
    for other in (cast.next_grid_member, cast.town_officer):
        assert notices(other) == {}
        with pytest.raises(NotVisible):
            read(other, key)
    assert not Notice.objects.get(county=COUNTY, pk=key).read_at


def test_sixty_days_are_kept(cast, django_assert_max_num_queries):
    with clock.simulated(clock.now()) as time:
        tell(county=COUNTY, recipients=[cast.grid_member.id], kind="plain", title="旧", key="a")
        time.move_to(clock.now() + timedelta(days=59))
        tell(county=COUNTY, recipients=[cast.grid_member.id], kind="plain", title="新", key="b")
        with django_assert_max_num_queries(1):
            assert len(notices(cast.grid_member)) == 2
        time.move_to(clock.now() + timedelta(days=2))
        assert [row["title"] for row in notices(cast.grid_member).values()] == ["新"]
