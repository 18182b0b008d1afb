from datetime import timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from safegrid.accounts import services
from safegrid.accounts.models import PersonalToken
from safegrid.accounts.tests.people import COUNTY, person
from safegrid.foundation import clock, trace
from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused
from safegrid.foundation.models import TraceRow


def issue(user, days=30, verified=True):
    return services.issue_token(acting_user=user, name="数据对接", days=days, verified=verified)


@pytest.fixture
def user(db):
    return person("li", ("lead_officer", str(COUNTY)))


def test_a_token_speaks_for_its_owner_and_only_its_hash_is_kept(user):
    token, words = issue(user)
    assert services.user_of_token(words) == user
    stored = PersonalToken.objects.values().get(pk=token.pk)
    assert words not in str(stored)
    assert words not in str(list(TraceRow.objects.filter(county=trace.PLATFORM).values()))


def test_a_token_dies_on_its_day(user):
    _, words = issue(user, days=1)
    with time_machine.travel(clock.now() + timedelta(days=1, seconds=1)):
        assert services.user_of_token(words) is None


def test_a_revoked_token_is_worthless(user):
    token, words = issue(user)
    services.revoke_token(acting_user=user, token=token)
    assert services.user_of_token(words) is None


def test_another_revokes_nothing(user):
    token, words = issue(user)
    with pytest.raises(NotPermitted):
        services.revoke_token(acting_user=person("x"), token=token)
    assert services.user_of_token(words) == user


@pytest.mark.parametrize("days", [0, 366, -1])
def test_no_token_lives_longer_than_a_year(user, days):
    with pytest.raises(InvalidInput):
        issue(user, days=days)


def test_a_session_without_the_second_factor_issues_no_token(user):
    with pytest.raises(NotPermitted):
        issue(user, verified=False)


def test_a_member_of_one_grid_needs_no_second_factor_for_a_token(db):
    assert issue(person("m", ("grid_member", "330521100")), verified=False)


def test_tokens_are_limited_in_number(user):
    for _ in range(20):
        issue(user)
    with pytest.raises(Refused):
        issue(user)


def test_use_is_noted_but_not_at_every_request(user):
    token, words = issue(user)
    services.user_of_token(words)
    first = PersonalToken.objects.get(pk=token.pk).last_used_at
    services.user_of_token(words)
    assert PersonalToken.objects.get(pk=token.pk).last_used_at == first
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        services.user_of_token(words)
    assert PersonalToken.objects.get(pk=token.pk).last_used_at > first


def test_a_reset_password_takes_the_tokens_along(user):
    _, words = issue(user)
    services.reset_password(acting_user=None, user=user)
    assert services.user_of_token(words) is None


@given(st.text(max_size=60))
@pytest.mark.django_db
def test_what_is_no_token_is_nobodys(words):
    assert services.user_of_token(words) is None
    assert services.user_of_token("sg_" + words) is None
