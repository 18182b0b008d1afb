"""Writing the handbook: the lead office's verbs, each traced."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from safegrid.foundation import clock, trace
from safegrid.foundation.errors import Conflict, InvalidInput, NotVisible, Refused
from safegrid.foundation.scope import Actor
from safegrid.foundation.worktime import TimeLimit
from safegrid.handbook.access import require
from safegrid.handbook.catalogue import CATALOGUE, HANDLE_MAX
from safegrid.handbook.models import (
    AnswerKind,
    Checklist,
    ChecklistItem,
    ChecklistState,
    HazardKind,
    Nature,
    Severity,
    SeverityLimit,
    VisitNorm,
)
from safegrid.sites.selectors import SITE_TYPES

CONTENT = Path(__file__).parent / "content"
KIND_FIELDS = frozenset({"name", "nature", "severity", "is_occupational_health", "may_settle_on_spot"})
CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")
STAGES = ("accept", "verify", "dispatch", "receive", "handle", "recheck", "close")


@transaction.atomic
def load_content(*, acting_user: Actor | None, county: int) -> int:
    """Give a county the shipped catalogue, checklists (published) and norms; what it already has stays as it is.

    Returns how many hazard kinds were added.
    """
    require(acting_user, "load_content", county)
    added = _load_kinds(county)
    _load_limits(county)
    _load_norms(county)
    if not Checklist.objects.filter(county=county).exists():
        for shipped in _content("checklists"):
            _load_checklist(county, shipped)
    trace.record(acting_user=acting_user, action="handbook.load_content", county=county, object_type="handbook",
                 changes={"kinds": added})  # fmt: skip
    CATALOGUE.changed(county)
    return added


def _content(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((CONTENT / f"{name}.json").read_text(encoding="utf-8"))
    return rows


def _load_kinds(county: int) -> int:
    shipped = _content("hazard_kinds")
    parents = {kind["parent"] for kind in shipped}
    known = set(HazardKind.objects.filter(county=county).values_list("code", flat=True))
    new = [
        HazardKind(
            county=county,
            code=kind["code"],
            parent_code=kind["parent"],
            name=kind["name"],
            nature=kind["nature"],
            severity=kind["severity"],
            is_occupational_health=kind["health"],
            is_leaf=kind["code"] not in parents,
            may_settle_on_spot=kind["may_be_minor_on_spot"],
            legal_bases=kind["legal_bases"],
            major_standard=kind["major_standard"],
            statutory_report=kind["statutory_report"] or {},
            limits=kind["limits"],
            handle_max=kind["handle_max"] or {},
            duplicate_distance_m=kind["duplicate_distance_m"],
            duplicate_days=kind["duplicate_days"],
            position=position,
        )
        for position, kind in enumerate(shipped)
        if kind["code"] not in known
    ]
    HazardKind.objects.bulk_create(new, batch_size=500)
    return len(new)


def _load_limits(county: int) -> None:
    limits: dict[str, dict[str, Any]] = {}
    for row in _content("hazard_limits"):
        limits.setdefault(row["severity"], {})[row["stage"]] = {"value": row["value"], "unit": row["unit"]}
    rows = [SeverityLimit(county=county, severity=severity, limits=given) for severity, given in limits.items()]
    SeverityLimit.objects.bulk_create(rows, ignore_conflicts=True)


def _load_norms(county: int) -> None:
    VisitNorm.objects.bulk_create(
        [VisitNorm(county=county, **row) for row in _content("visit_norms")], ignore_conflicts=True
    )


def _load_checklist(county: int, shipped: Mapping[str, Any]) -> None:
    checklist = Checklist(
        county=county,
        code=shipped["code"],
        number=1,
        name=shipped["name"],
        site_type=shipped["site_type"],
        industry_prefix=shipped["industry_prefix"],
        state=ChecklistState.PUBLISHED,
        published_at=clock.now(),
    )
    checklist.save(force_insert=True)
    _add_items(checklist, shipped["items"])


def _add_items(checklist: Checklist, items: Sequence[Mapping[str, Any]]) -> None:
    ChecklistItem.objects.bulk_create(
        [
            ChecklistItem(
                county=checklist.county,
                checklist=checklist,
                code=item["code"],
                position=position,
                text=item["text"],
                how_to_judge=item.get("how_to_judge", ""),
                what_to_do=item.get("what_to_do", ""),
                hazard_kind=item.get("hazard_kind", ""),
                answer_kind=item.get("answer", AnswerKind.YES_NO),
                legal_basis=item.get("legal_basis"),
                is_mandatory=item.get("mandatory", True),
            )
            for position, item in enumerate(items)
        ],
        batch_size=500,
    )


@transaction.atomic
def add_kind(*, acting_user: Actor | None, county: int, code: str, parent_code: str, name: str, nature: str,
             severity: str, is_occupational_health: bool = False, may_settle_on_spot: bool = False) -> HazardKind:  # fmt: skip
    """Add a kind of the county's own under an existing group; a code or a parent that does not fit is refused."""
    require(acting_user, "add_kind", county)
    catalogue = CATALOGUE.get(county)
    kinds, problems = catalogue.kinds, {}
    code = code.strip()
    if not CODE.fullmatch(code) or code in kinds:
        problems["code"] = "编码为 1–40 个字母、数字、下划线或短横线，不能与已有类别重复"
    if parent_code and (parent_code not in kinds or not kinds[parent_code].is_active):
        problems["parent_code"] = "上级类别不存在或已停用"
    if not 0 < len(name.strip()) <= 120:
        problems["name"] = "请填写名称，不超过 120 个字"
    if nature not in Nature.values:
        problems["nature"] = "请选择性质"
    if severity not in Severity.values:
        problems["severity"] = "请选择等级"
    if problems:
        raise InvalidInput(problems)
    below = [one.position for one in kinds.values() if parent_code in catalogue.ancestors(one.code)]
    kind = HazardKind(county=county, code=code, parent_code=parent_code, name=name.strip(), nature=nature,
                      severity=severity, is_occupational_health=is_occupational_health,
                      may_settle_on_spot=may_settle_on_spot, position=max(below, default=len(kinds)))  # fmt: skip
    _insert(kind, "这个编码刚被使用，请换一个")
    HazardKind.objects.filter(county=county, code=parent_code, is_leaf=True).update(is_leaf=False)
    trace.record(acting_user=acting_user, action="handbook.add_kind", target=kind, changes={"code": code, "name": name})
    CATALOGUE.changed(county)
    return kind


@transaction.atomic
def change_kind(*, acting_user: Actor | None, county: int, code: str, **values: Any) -> HazardKind:
    """Change the name, nature, severity or flags of a kind; its code and its place in the tree stay.

    Cases keep their kind and read by its new name; timers that run keep their limits. Raises ``InvalidInput``.
    """
    require(acting_user, "change_kind", county)
    kind = CATALOGUE.get(county).kind(code)
    problems = dict.fromkeys(set(values) - KIND_FIELDS, "不能修改此项")
    if "name" in values:
        values["name"] = values["name"].strip()
        if not 0 < len(values["name"]) <= 120:
            problems["name"] = "请填写名称，不超过 120 个字"
    if values.get("nature", kind.nature) not in Nature.values:
        problems["nature"] = "请选择性质"
    if values.get("severity", kind.severity) not in Severity.values:
        problems["severity"] = "请选择等级"
    if problems:
        raise InvalidInput(problems)
    changes = {name: [getattr(kind, name), value] for name, value in values.items() if getattr(kind, name) != value}
    if changes:
        HazardKind.objects.filter(county=county, id=kind.id).update(**{name: new for name, (_, new) in changes.items()})
        trace.record(acting_user=acting_user, action="handbook.change_kind", target=kind, changes=changes)
        CATALOGUE.changed(county)
    return HazardKind.objects.get(county=county, id=kind.id)


def _insert(row: HazardKind | Checklist, words: str) -> None:
    """Insert a row; raise ``Conflict`` where somebody else took its key at the same moment."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Conflict(words) from None


@transaction.atomic
def retire_kind(*, acting_user: Actor | None, county: int, code: str, reason: str) -> HazardKind:
    """Take a kind out of the forms; cases of that kind keep it."""
    require(acting_user, "retire_kind", county)
    if not reason.strip():
        raise InvalidInput({"reason": "请填写停用原因"})
    kind = CATALOGUE.get(county).kind(code)
    if not kind.is_active:
        raise Refused("该类别已经停用")
    if any(one.parent_code == code and one.is_active for one in CATALOGUE.get(county).kinds.values()):
        raise Refused("该类别下还有在用的类别，请先停用它们")
    HazardKind.objects.filter(county=county, id=kind.id).update(is_active=False)
    trace.record(acting_user=acting_user, action="handbook.retire_kind", target=kind,
                 changes={"is_active": [True, False], "reason": reason})  # fmt: skip
    CATALOGUE.changed(county)
    return HazardKind.objects.get(county=county, id=kind.id)


@transaction.atomic
def change_limits(*, acting_user: Actor | None, county: int, code: str, limits: Mapping[str, Mapping[str, Any]],
                  handle_max: Mapping[str, Any] | None = None) -> HazardKind:  # fmt: skip
    """Set the stage limits of a kind ({stage: {value, unit}}); a stage left out is inherited. Running timers keep theirs."""
    require(acting_user, "change_limits", county)
    kind = CATALOGUE.get(county).kind(code)
    problems = {stage: "没有这个环节" for stage in limits if stage not in STAGES}
    for stage, limit in {**limits, **({HANDLE_MAX: handle_max} if handle_max else {})}.items():
        try:
            TimeLimit.from_dict(limit)
        except (ValueError, KeyError, TypeError) as error:
            problems[stage] = f"时限应为正整数加单位：{error}"
    if problems:
        raise InvalidInput(problems)
    new = {"limits": {stage: dict(limit) for stage, limit in limits.items()}}
    if handle_max is not None:
        new["handle_max"] = dict(handle_max)
    HazardKind.objects.filter(county=county, id=kind.id).update(**new)
    changes = {name: [getattr(kind, name), value] for name, value in new.items()}
    trace.record(acting_user=acting_user, action="handbook.change_limits", target=kind, changes=changes)
    CATALOGUE.changed(county)
    return HazardKind.objects.get(county=county, id=kind.id)


@transaction.atomic
def set_visit_norm(*, acting_user: Actor | None, county: int, site_type: str, risk_grade: str, visits_a_year: int,
                   minutes: int) -> VisitNorm:  # fmt: skip
    """Set how often a year (0–366) and how many minutes (1–480) a site of this type and grade is visited."""
    require(acting_user, "set_visit_norm", county)
    problems = {}
    if not 0 <= visits_a_year <= 366:
        problems["visits_a_year"] = "每年巡查次数应在 0 到 366 之间"
    if not 1 <= minutes <= 480:
        problems["minutes"] = "每次用时应在 1 到 480 分钟之间"
    norm: VisitNorm | None = VisitNorm.objects.filter(county=county, site_type=site_type, risk_grade=risk_grade).first()
    if norm is None:
        problems["site_type"] = "没有这一类对象或风险等级"
    if problems or norm is None:
        raise InvalidInput(problems)
    changes = {"visits_a_year": [norm.visits_a_year, visits_a_year], "minutes": [norm.minutes, minutes]}
    norm.visits_a_year, norm.minutes = visits_a_year, minutes
    norm.save(update_fields=["visits_a_year", "minutes"])
    trace.record(acting_user=acting_user, action="handbook.set_visit_norm", target=norm, changes=changes)
    CATALOGUE.changed(county)
    return norm


@transaction.atomic
def draft_checklist(*, acting_user: Actor | None, county: int, code: str, name: str, site_type: str, industry_prefix: str,
                    items: Sequence[Mapping[str, Any]]) -> Checklist:  # fmt: skip
    """Write the next version of a checklist as a draft; published versions stay as they are."""
    require(acting_user, "draft_checklist", county)
    code, name = code.strip(), name.strip()
    problems = {}
    if not CODE.fullmatch(code):
        problems["code"] = "编码为 1–40 个字母、数字、下划线或短横线"
    if not 0 < len(name) <= 120:
        problems["name"] = "请填写名称，不超过 120 个字"
    if site_type not in dict(SITE_TYPES):
        problems["site_type"] = "请选择适用的对象类型"
    if industry_prefix and not (industry_prefix.isdigit() and len(industry_prefix) <= 4):
        problems["industry_prefix"] = "行业前缀应为 GB/T 4754 的数字代码"
    wrong = _wrong_items(items, CATALOGUE.get(county).kinds)
    if wrong:
        problems["items"] = wrong
    if problems:
        raise InvalidInput(problems)
    last = Checklist.objects.filter(county=county, code=code).aggregate(last=Max("number"))["last"] or 0
    checklist = Checklist(county=county, code=code, number=last + 1, name=name, site_type=site_type,
                          industry_prefix=industry_prefix)  # fmt: skip
    _insert(checklist, "其他人刚起草了同一检查表，请刷新后再试")
    _add_items(checklist, items)
    trace.record(acting_user=acting_user, action="handbook.draft_checklist", target=checklist, changes={
        "code": code, "number": checklist.number, "items": [item["code"] for item in items]})  # fmt: skip
    return checklist


def _wrong_items(items: Sequence[Mapping[str, Any]], kinds: Mapping[str, HazardKind]) -> str:
    """Return in Chinese what is wrong with a checklist's items, the first fault of each; "" when nothing is."""
    if not items:
        return "检查表至少要有一项"
    faults, seen = [], set()
    for number, item in enumerate(items, start=1):
        fault = _wrong_item(item, kinds)
        if not fault and item["code"] in seen:
            fault = f"的编码“{item['code']}”重复"
        if fault:
            faults.append(f"第 {number} 项{fault}")
        seen.add(item.get("code"))
    return "；".join(faults)


LENGTHS = {"text": 200, "how_to_judge": 500, "what_to_do": 500}


def _wrong_item(item: Mapping[str, Any], kinds: Mapping[str, HazardKind]) -> str:
    if not CODE.fullmatch(item.get("code") or ""):
        return "的编码应为 1–40 个字母、数字、下划线或短横线"
    if not (item.get("text") or "").strip():
        return "没有内容"
    if any(len(item.get(name) or "") > most for name, most in LENGTHS.items()):
        return "文字太长（内容最多 200 字，判定和处置最多 500 字）"
    if item.get("answer", AnswerKind.YES_NO) not in AnswerKind.values:
        return "的回答方式只能是是/否、数字、文字或照片"
    kind = item.get("hazard_kind")
    if kind and (kind not in kinds or not kinds[kind].is_active):
        return f"的隐患类别“{kind}”不在目录中或已停用"
    return ""


@transaction.atomic
def publish_checklist(*, acting_user: Actor | None, checklist: Checklist) -> Checklist:
    """Publish a draft from now on; the version published so far retires. Visits keep the version they were made with."""
    county = checklist.county
    require(acting_user, "publish_checklist", county)
    now = clock.now()
    same = Checklist.objects.filter(county=county, code=checklist.code)
    same.filter(state=ChecklistState.PUBLISHED).update(state=ChecklistState.RETIRED)
    try:
        with transaction.atomic():
            published = same.filter(id=checklist.id, state=ChecklistState.DRAFT).update(
                state=ChecklistState.PUBLISHED, published_at=now, published_by_id=acting_user and acting_user.id
            )
    except IntegrityError:
        raise Conflict("其他人刚发布了同一检查表的另一版，请刷新后再试") from None
    if not published:
        if not same.filter(id=checklist.id).exists():
            raise NotVisible
        raise Refused("只有草稿可以发布")
    trace.record(acting_user=acting_user, action="handbook.publish_checklist", target=checklist,
                 changes={"state": ["draft", "published"]})  # fmt: skip
    CATALOGUE.changed(county)
    return Checklist.objects.get(county=county, id=checklist.id)
