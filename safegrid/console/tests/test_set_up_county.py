"""One command makes an empty installation a county's."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from safegrid.accounts.models import User
from safegrid.accounts.selectors import who_holds
from safegrid.duties.models import DutyRule
from safegrid.handbook.models import Checklist, HazardKind
from safegrid.orgs.models import Department

COUNTY = 330521


def set_up(*words: str) -> str:
    out = StringIO()
    call_command("set_up_county", *words, stdout=out)
    return out.getvalue()


def counts() -> tuple[int, ...]:
    return tuple(model.objects.filter(county=COUNTY).count() for model in (HazardKind, Checklist, Department, DutyRule))


def test_a_county_gets_its_content_and_an_administrator_who_must_choose_a_password(cast):
    said = set_up(str(COUNTY), "--admin", "zhang.san", "--name", "张三")
    assert all(counts())
    [admin] = who_holds(["system_admin"], county=COUNTY)
    assert (admin.username, admin.must_change_password) == ("zhang.san", True)
    assert admin.check_password(said.strip().rpartition("：")[2])


def test_a_second_run_adds_nothing_and_shows_no_password(cast):
    set_up(str(COUNTY), "--admin", "zhang.san")
    before = counts()
    assert "密码" not in set_up(str(COUNTY))
    assert counts() == before


def test_a_county_that_was_not_loaded_is_refused(cast):
    with pytest.raises(CommandError, match="load_regions"):
        set_up("110101", "--admin", "zhang.san")


def test_without_any_administrator_one_must_be_named_and_nothing_is_written(cast):
    with pytest.raises(CommandError, match="--admin"):
        set_up(str(COUNTY))
    assert counts() == (0, 0, 0, 0)
    assert not User.objects.exists()
