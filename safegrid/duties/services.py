"""Keeping the duty rules, and what they say of every site."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from safegrid.duties.access import require
from safegrid.duties.models import DutyMatch, DutyRule, MatchState, Part
from safegrid.duties.ranking import Subject, Verdict
from safegrid.duties.rulebook import RULEBOOK
from safegrid.foundation import clock, trace
from safegrid.foundation.bulk import batches, insert_objects
from safegrid.foundation.errors import InvalidInput, Refused
from safegrid.foundation.scope import Actor
from safegrid.handbook.selectors import kind_names
from safegrid.orgs.selectors import by_code, departments
from safegrid.orgs.services import open_department
from safegrid.regions.selectors import codes_of_county
from safegrid.sites.selectors import SITE_TYPES, rule_facts
from safegrid.sites.services import set_departments

CONTENT = Path(__file__).parent / "content"
BATCH = 2000


@transaction.atomic
def load_content(*, acting_user: Actor | None, county: int) -> int:
    """Give a county without rules the shipped departments and rules; returns how many rules were added."""
    require(acting_user, "load_content", county)
    for shipped in _content("departments"):
        if by_code(county, shipped["code"]) is None:
            open_department(acting_user=acting_user, county=county, code=shipped["code"], name=shipped["name"],
                            role=shipped["role"])  # fmt: skip
    if DutyRule.objects.filter(county=county).exists():
        return 0
    now, today = clock.now(), clock.today()
    known = {department.code: department for department in departments(county)}
    rows = [
        DutyRule(
            county=county,
            department=known[shipped["department"]],
            part=shipped["part"],
            industry_prefix=shipped["industry_prefix"],
            hazard_kind=shipped["hazard_kind"],
            site_type=shipped["site_type"],
            legal_basis=shipped["legal_basis"],
            words=shipped["words"],
            valid_from=today,
            created_at=now,
        )
        for shipped in _content("duty_rules")
    ]
    DutyRule.objects.bulk_create(rows, batch_size=500)
    trace.record(acting_user=acting_user, action="duties.load_content", county=county, object_type="duties",
                 changes={"rules": len(rows)})  # fmt: skip
    RULEBOOK.changed(county)
    return len(rows)


def _content(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((CONTENT / f"{name}.json").read_text(encoding="utf-8"))
    return rows


@transaction.atomic
def add_rule(*, acting_user: Actor | None, county: int, department: Any, part: str = Part.MAIN,
             site_id: UUID | None = None, industry_prefix: str = "", hazard_kind: str = "", site_type: str = "",
             town: str = "", village: str = "", legal_basis: dict[str, str] | None = None, words: str = "",
             valid_from: date | None = None, valid_to: date | None = None, matches: bool = True) -> DutyRule:  # fmt: skip
    """Add a department's rule from a day on; sites are matched anew by ``rematch`` (guidance 二(二)2 厘清负有监管职责的部门).

    With ``matches=False`` the caller matches them, once after many rules.
    """
    require(acting_user, "add_rule", county)
    begins = valid_from or clock.today()
    problems = {}
    if department.county != county or not department.is_active:
        problems["department"] = "请选择本县在用的部门"
    if part not in Part.values:
        problems["part"] = "请选择主管或配合"
    if site_id is not None and next(rule_facts(county, site_id=site_id), None) is None:
        problems["site_id"] = "本县没有这个监管对象"
    if site_type and site_type not in dict(SITE_TYPES):
        problems["site_type"] = "没有这个对象类型"
    if len(words) > 200:
        problems["words"] = "说明不超过 200 个字"
    if industry_prefix and not (industry_prefix.isdigit() and len(industry_prefix) <= 4):
        problems["industry_prefix"] = "行业前缀应为 GB/T 4754 的数字代码"
    if hazard_kind and hazard_kind not in kind_names(county):
        problems["hazard_kind"] = "隐患类别不在目录中"
    if any(place and place not in codes_of_county(county) for place in (town, village)):
        problems["town"] = "乡镇、村须属于本县"
    if valid_to is not None and valid_to < begins:
        problems["valid_to"] = "结束日期不能早于开始日期"
    if problems:
        raise InvalidInput(problems)
    rule = DutyRule(county=county, department=department, part=part, site_id=site_id, industry_prefix=industry_prefix,
                    hazard_kind=hazard_kind, site_type=site_type, town=village[:9] or town, village=village,
                    legal_basis=legal_basis, words=words, valid_from=begins, valid_to=valid_to, created_at=clock.now())  # fmt: skip
    rule.save(force_insert=True)
    trace.record(acting_user=acting_user, action="duties.add_rule", target=rule, changes={
        "department": department.name, "part": part, "site": site_id, "industry": industry_prefix, "kind": hazard_kind,
        "site_type": site_type, "town": town, "village": village, "words": words, "valid_to": valid_to})  # fmt: skip
    RULEBOOK.changed(county)
    if matches:
        rematch(county, covered_by=rule)
    return rule


@transaction.atomic
def change_rule(*, acting_user: Actor | None, rule: DutyRule, matches: bool = True, **values: Any) -> DutyRule:
    """Change a rule's words, legal basis or last day; whom it makes answer for what, and since when, never changes.

    ``matches`` as in ``add_rule``; a last day moved matches anew what the rule covers.
    """
    county = rule.county
    require(acting_user, "change_rule", county)
    problems = dict.fromkeys(set(values) - {"words", "legal_basis", "valid_to"}, "不能修改此项")
    if len(values.get("words", "")) > 200:
        problems["words"] = "说明不超过 200 个字"
    last = values.get("valid_to")
    if last is not None and last < rule.valid_from:
        problems["valid_to"] = "结束日期不能早于开始日期"
    if problems:
        raise InvalidInput(problems)
    changes = {name: [getattr(rule, name), value] for name, value in values.items() if getattr(rule, name) != value}
    if not changes:
        return rule
    running = DutyRule.objects.filter(county=county, id=rule.id, valid_to=rule.valid_to)
    if not running.update(**{name: new for name, (_, new) in changes.items()}):
        raise Refused("该规则刚被其他人修改，请刷新")
    trace.record(acting_user=acting_user, action="duties.change_rule", target=rule, changes=changes)
    RULEBOOK.changed(county)
    if matches and "valid_to" in changes:
        rematch(county, covered_by=rule)
    return DutyRule.objects.get(county=county, id=rule.id)


@transaction.atomic
def end_rule(*, acting_user: Actor | None, rule: DutyRule, reason: str, valid_to: date | None = None,
             matches: bool = True) -> DutyRule:  # fmt: skip
    """End a rule, with yesterday as its last day unless said otherwise; the sites it covered are matched anew.

    ``matches`` as in ``add_rule``.
    """
    county = rule.county
    require(acting_user, "end_rule", county)
    if not reason.strip():
        raise InvalidInput({"reason": "请填写停用原因"})
    last = valid_to or clock.today() - timedelta(days=1)
    running = DutyRule.objects.filter(county=county, id=rule.id, valid_to=rule.valid_to)
    if rule.valid_to is not None and rule.valid_to <= last:
        raise Refused("该规则已经到期")
    if not running.update(valid_to=last):
        raise Refused("该规则刚被其他人修改，请刷新")
    trace.record(acting_user=acting_user, action="duties.end_rule", target=rule,
                 changes={"valid_to": [rule.valid_to, last], "reason": reason})  # fmt: skip
    RULEBOOK.changed(county)
    if matches:
        rematch(county, covered_by=rule)
    return DutyRule.objects.get(county=county, id=rule.id)


def rematch(county: int, site_ids: Collection[UUID] | None = None, *, covered_by: DutyRule | None = None) -> int:
    """Write what the rules say today of the sites named (all of the county by default, or those a rule may cover).

    Returns how many sites were matched. Equal to ``explain(site=…)`` without a hazard kind, by the same ranking.
    """
    if covered_by is not None and covered_by.hazard_kind:
        return 0  # a rule for a hazard kind says nothing of a site as such
    narrowed = _narrowing(covered_by) if covered_by is not None else {}
    today, book, matched = clock.today(), RULEBOOK.get(county), 0
    for facts in batches(rule_facts(county, site_ids=site_ids, **narrowed), BATCH):
        rows = [_match(county, fact, book.judge(_subject(fact), today), today) for fact in facts]
        _store(county, rows)
        matched += len(rows)
    return matched


def rematch_begun_and_ended(county: int, since: date) -> int:
    """Match anew what rules cover that began or ran out after ``since``; returns how many sites were matched.

    A rule may be written before its first day, or with its last: on those days nobody writes anything.
    """
    today = clock.today()
    begun = Q(valid_from__gt=since, valid_from__lte=today)
    ended = Q(valid_to__gte=since, valid_to__lt=today)
    rules = DutyRule.objects.filter(begun | ended, county=county)
    return sum(rematch(county, covered_by=rule) for rule in rules)


def _narrowing(rule: DutyRule) -> dict[str, Any]:
    narrowed: dict[str, Any] = {
        "site_type": rule.site_type, "industry_prefix": rule.industry_prefix, "town": rule.town, "village": rule.village,
    }  # fmt: skip
    if rule.site_id:
        narrowed["site_id"] = rule.site_id
    return {name: value for name, value in narrowed.items() if value}


def _subject(fact: Any) -> Subject:
    return Subject(fact.id, fact.site_type, fact.industry, (), fact.town, fact.village)


def _match(county: int, fact: Any, verdict: Verdict, today: date) -> DutyMatch:
    open_state = MatchState.CONFLICT if verdict.conflicting else MatchState.NONE
    state = MatchState.CLEAR if verdict.winner is not None else open_state
    return DutyMatch(
        county=county,
        site_id=fact.id,
        state=state,
        department_id=verdict.winner.department_id if verdict.winner else None,
        rule_id=verdict.winner.id if verdict.winner else None,
        assisting=[str(one) for one in verdict.assisting],
        conflicting=[str(rule.id) for rule in verdict.conflicting],
        town=fact.town,
        village=fact.village,
        matched_on=today,
    )


MATCHED = ("state", "department_id", "rule_id", "assisting", "conflicting", "town", "village", "matched_on")


def _store(county: int, rows: list[DutyMatch]) -> None:
    with transaction.atomic():
        insert_objects(rows, unless=("county", "site_id"), then=MATCHED)
        set_departments(county, {row.site_id: row.department_id for row in rows})
