from datetime import timedelta

import pytest
import time_machine

from safegrid.accounts import services
from safegrid.accounts.tests.people import COUNTY, OTHER_COUNTY, actions, admin, person
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused
from safegrid.foundation.models import TraceRow

pytestmark = pytest.mark.django_db
REASON = "排查数据异常，工单 20260101"


def kinds(user):
    user.forget_holdings()
    return {h.kind for h in user.holdings()}


def test_an_administrator_reads_for_some_hours_and_the_countys_trace_has_the_reason():
    user = admin()
    services.break_glass(acting_user=user, place=str(COUNTY), reason=REASON, hours=2)
    assert kinds(user) == {"system_admin", "auditor"}
    assert TraceRow.objects.get(county=COUNTY, action="accounts.break_glass").changes["reason"] == REASON


def test_it_ends_by_itself_to_the_minute():
    user, now = admin(), clock.now()
    services.break_glass(acting_user=user, place=str(COUNTY), reason=REASON, hours=1)
    with time_machine.travel(now + timedelta(minutes=59)):
        assert "auditor" in kinds(user)
    with time_machine.travel(now + timedelta(minutes=61)):
        assert kinds(user) == {"system_admin"}


def test_it_can_be_ended_early():
    user = admin()
    opened = services.break_glass(acting_user=user, place=str(COUNTY), reason=REASON, hours=8)
    services.end_break_glass(acting_user=user, access=opened)
    assert kinds(user) == {"system_admin"}
    assert actions()[-1] == "accounts.end_break_glass"


def test_another_may_not_end_it():
    opened = services.break_glass(acting_user=admin(), place=str(COUNTY), reason=REASON, hours=8)
    with pytest.raises(NotPermitted):
        services.end_break_glass(acting_user=admin("second"), access=opened)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"place": str(OTHER_COUNTY)}, NotPermitted),
        ({"place": "33"}, InvalidInput),
        ({"reason": " "}, InvalidInput),
        ({"reason": "看看"}, InvalidInput),
        ({"hours": 0}, InvalidInput),
        ({"hours": 9}, InvalidInput),
    ],
)
def test_a_wrong_request_is_refused(values, error):
    with pytest.raises(error):
        services.break_glass(acting_user=admin(), **{"place": str(COUNTY), "reason": REASON, "hours": 1, **values})


def test_only_system_administrators_break_the_glass():
    with pytest.raises(NotPermitted):
        services.break_glass(
            acting_user=person("x", ("lead_officer", str(COUNTY))), place=str(COUNTY), reason=REASON, hours=1
        )


def test_one_access_at_a_time():
    user = admin()
    services.break_glass(acting_user=user, place=str(COUNTY), reason=REASON, hours=1)
    with pytest.raises(Refused):
        services.break_glass(acting_user=user, place=str(COUNTY), reason=REASON, hours=1)
