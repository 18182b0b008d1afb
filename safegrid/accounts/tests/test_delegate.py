from datetime import date, timedelta

import pytest
import time_machine

from safegrid.accounts import services
from safegrid.accounts.tests.people import COUNTY, actions, admin, person
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused

pytestmark = pytest.mark.django_db
PLACE = str(COUNTY)


def chief():
    user = person("chief", ("lead_chief", PLACE))
    return user, user.roles.get()


def lend(actor, role, substitute, first=0, last=7):
    today = clock.today()
    return services.delegate(
        acting_user=actor, role=role, substitute=substitute, valid_from=today + timedelta(days=first),
        valid_to=today + timedelta(days=last), reason="外出培训",
    )  # fmt: skip


def test_a_substitute_holds_the_role_for_the_period_and_no_longer():
    (user, role), deputy = chief(), person("deputy", ("lead_officer", PLACE))
    lend(user, role, deputy, first=1, last=3)
    for days, held in ((0, False), (1, True), (3, True), (4, False)):
        with time_machine.travel(clock.now() + timedelta(days=days)):
            deputy.forget_holdings()
            assert ("lead_chief" in {h.kind for h in deputy.holdings()}) is held
    assert "accounts.delegate" in actions()


def test_a_lent_role_ends_with_the_role_it_was_lent_from():
    (user, role), deputy = chief(), person("deputy")
    lend(user, role, deputy)
    services.end_role(acting_user=None, role=role)
    deputy.forget_holdings()
    assert deputy.holdings() == ()


def test_suspending_the_role_suspends_the_copy():
    (user, role), deputy = chief(), person("deputy")
    lend(user, role, deputy)
    services.suspend_role(acting_user=None, role=role, reason="停职")
    deputy.forget_holdings()
    assert deputy.holdings() == ()


def test_the_holder_takes_a_lent_role_back():
    (user, role), deputy = chief(), person("deputy")
    copy = lend(user, role, deputy)
    services.end_role(acting_user=user, role=copy)
    deputy.forget_holdings()
    assert deputy.holdings() == ()


def test_an_administrator_lends_for_a_holder_who_cannot_but_not_to_himself():
    (_, role), deputy, boss = chief(), person("deputy"), admin()
    with pytest.raises(NotPermitted):
        lend(boss, role, boss)
    assert lend(boss, role, deputy).delegated_from == role


def test_a_colleague_lends_nothing():
    (_, role), colleague = chief(), person("colleague", ("lead_officer", PLACE))
    with pytest.raises(NotPermitted):
        lend(colleague, role, person("deputy"))


def test_a_lent_role_is_not_lent_on():
    (user, role), deputy = chief(), person("deputy")
    copy = lend(user, role, deputy)
    with pytest.raises(Refused):
        lend(deputy, copy, person("third"))


def test_only_approvers_lend():
    user = person("member", ("grid_member", PLACE))
    with pytest.raises(Refused):
        lend(user, user.roles.get(), person("deputy"))


def test_a_reward_officer_substitutes_for_no_case_handler():
    user, role = chief()
    with pytest.raises(Refused):
        lend(user, role, person("payer", ("reward_officer", PLACE)))


def test_the_period_must_lie_inside_the_roles_own():
    user, role = chief()
    role.valid_to = clock.today() + timedelta(days=2)
    role.save()
    with pytest.raises(InvalidInput):
        lend(user, role, person("deputy"), last=3)
    with pytest.raises(InvalidInput):
        services.delegate(
            acting_user=user, role=role, substitute=user, valid_from=clock.today(), valid_to=date.max, reason="x"
        )
