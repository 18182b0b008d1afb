"""Two people on one case, and verbs out of order: 409 with what to do, and the case as the first one left it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from safegrid.cases.api import VERBS
from safegrid.cases.fields import FIELDS, Kind
from safegrid.cases.models import Case
from safegrid.cases.schemas import verb_body
from safegrid.cases.tests.steps import Steps, steps  # noqa: F401 - a fixture
from safegrid.foundation.models import TraceRow

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def left(case: Case) -> tuple[Any, ...]:
    case = Case.objects.get(county=case.county, id=case.id)
    return case.state, case.version, TraceRow.objects.filter(county=case.county, object_id=case.id).count()


def path(case: Case, verb: str) -> str:
    return f"/api/v1/cases/{case.county}/{case.id}/{verb}"


def test_of_two_who_register_the_same_case_the_second_is_told_to_look_again(steps):  # noqa: F811
    case, cast = steps.reported(), steps.cast
    first, second = cast.api(cast.town_officer), cast.api(cast.lead_officer)
    body = {"kind": case.kind, "severity": case.severity, "version": case.version}
    assert first.post(path(case, "register"), body).status_code == 200
    after = left(case)
    answer = second.post(path(case, "register"), body)
    assert answer.status_code == 409
    assert "刷新" in answer.json()["detail"] or "重新" in answer.json()["detail"], answer.json()
    assert left(case) == after


def test_on_a_page_the_second_finds_the_refusal_above_what_was_typed(steps):  # noqa: F811
    case, cast = steps.reported(), steps.cast
    browser = cast.client(cast.lead_officer)
    form = f"/cases/{case.county}/{case.id}/reject/"
    seen = browser.get(form).context["form"]["version"].value()
    answer = cast.api(cast.town_officer).post(
        path(case, "register"), {"kind": case.kind, "severity": case.severity, "version": case.version}
    )
    assert answer.status_code == 200
    after = left(case)
    answer = browser.post(form, {"version": seen, "reason": "查无此事，不予受理"})
    words = answer.content.decode()
    assert answer.status_code == 409
    assert "查无此事，不予受理" in words
    assert left(case) == after


@pytest.mark.parametrize("state", ["closed", "merged", "cancelled"])
@pytest.mark.parametrize("verb", list(VERBS))
def test_a_verb_out_of_order_changes_nothing_and_says_why(steps, state, verb):  # noqa: F811
    cast = steps.cast
    case = steps.in_state(state)
    before = left(case)
    for user in (cast.lead_officer, cast.fire_officer):
        answer = cast.api(user).post(path(case, verb), _body(steps, verb))
        if answer.status_code == 200:  # what the table lets be done to a finished case
            assert verb in {"reopen", "unmerge", "appeal_overdue", "decide_appeal"}
            return
        assert answer.status_code in {403, 409, 422}, answer.content.decode()
        assert CHINESE.search(answer.json()["detail"])
    assert left(case) == before


def _body(steps: Steps, verb: str) -> dict[str, Any]:  # noqa: F811
    """Return something plausible for every field of the verb."""
    cast = steps.cast
    by_kind = {
        Kind.PHOTOS: [], Kind.DEGREES: 30.0, Kind.MOMENT: "2025-04-01T09:00:00+08:00", Kind.DATE: "2025-04-01",
        Kind.MONEY: "100.00", Kind.YES_NO: True, Kind.DEPARTMENT: str(cast.fire.id), Kind.USER: str(cast.grid_member.id),
        Kind.CASE: str(cast.site.id), Kind.SITE: str(cast.site.id), Kind.RULE: str(cast.duty_rules[0].id),
        Kind.TIMER: str(cast.site.id), Kind.APPEAL: str(cast.site.id), Kind.HAZARD_KIND: steps.kind,
        Kind.SEVERITY: "general", Kind.REGION: "3305",
    }  # fmt: skip
    names = verb_body(verb).model_fields.keys() - {"version"}
    return {name: by_kind.get(FIELDS[name].kind, "理由充分") for name in names}
