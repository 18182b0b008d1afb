"""Duty rules from Excel or CSV. A rule has no code: it is known by its department and by what it covers."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Q

from safegrid.duties import services
from safegrid.duties.access import require
from safegrid.duties.models import DutyRule, Part
from safegrid.duties.selectors import PARTS
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.scope import Actor
from safegrid.foundation.tabular import (
    CREATED,
    UNCHANGED,
    UPDATED,
    Column,
    ImportReport,
    Mode,
    Outcome,
    ParsedRow,
    Table,
    parsers,
)
from safegrid.handbook.selectors import kind_names
from safegrid.orgs import selectors as orgs
from safegrid.regions.import_job import import_rows
from safegrid.regions.lookup import Places
from safegrid.sites.selectors import SITE_TYPES, by_codes

COVERS = ("site_id", "industry_prefix", "hazard_kind", "site_type", "town", "village")
COLUMN_OF = {"site_id": "site"}
REPLACED = "导入文件改变了职责"

RULE_TABLE = Table(
    [
        Column("department", ("部门", "责任部门", "部门代码"), parsers.text(max_length=100), required=True, help="部门代码或名称"),
        Column("part", ("职责", "主管或配合"), parsers.choice(dict(PARTS)), help="留空为主管"),
        Column("site", ("指定对象编码", "对象编码"), parsers.text(max_length=40), help="只用于一个监管对象时填写其编码"),
        Column("industry_prefix", ("行业前缀", "行业代码"), parsers.pattern(
            r"\d{1,4}", "行业前缀应为 GB/T 4754 的数字代码"), help="如 26 或 2641；留空为不限"),
        Column("hazard_kind", ("隐患类别",), parsers.text(max_length=120), help="编码或名称，含其下级"),
        Column("site_type", ("对象类型",), parsers.choice(dict(SITE_TYPES))),
        Column("town", ("乡镇", "街道"), parsers.text(max_length=100), help="名称或 9 位代码；留空为全县"),
        Column("village", ("村（社区）", "村社区", "村"), parsers.text(max_length=100)),
        Column("law", ("法律依据",), parsers.text(max_length=60), help="如 安全生产法"),
        Column("article", ("条款",), parsers.text(max_length=40), help="如 第十条"),
        Column("words", ("说明",), parsers.text(max_length=200)),
        Column("valid_from", ("开始日期", "开始"), parsers.day(), help="留空为今天；已有规则的开始日期不改"),
        Column("valid_to", ("到期日期", "到期", "结束日期"), parsers.day(), help="留空为长期；已有规则留空不改"),
    ],
    unique=(),
)  # fmt: skip


def import_rules(
    *, acting_user: Actor | None, county: int, path: Path, mode: Mode = "all_or_nothing", dry_run: bool = False
) -> ImportReport:
    """Load duty rules; the sites are matched anew once, at the end.

    A standing rule of the same department for the same things is changed; where its part (主管, 配合) differs it ends
    yesterday and the new one begins. No rule ends because a file leaves it out. Raises ``NotPermitted``, ``TabularError``.
    """
    require(acting_user, "add_rule", county)
    job = _Job(acting_user, county)
    return import_rows(RULE_TABLE, path, job.write, mode=mode, dry_run=dry_run, after=job.match)


class _Job:
    def __init__(self, acting_user: Actor | None, county: int) -> None:
        self.acting_user, self.county, self.places = acting_user, county, Places(county)
        self.departments = {word: one for one in orgs.departments(county) for word in (one.name, one.code)}
        kinds = kind_names(county)
        self.kinds = {**{name: code for code, name in kinds.items()}, **{code: code for code in kinds}}
        self.seen: dict[tuple[Any, ...], int] = {}
        self.wrote = False

    def match(self) -> None:
        if self.wrote:
            services.rematch(self.county)

    def write(self, row: ParsedRow) -> Outcome:
        values = row.values
        department = self.departments.get((values["department"] or "").strip())
        if department is None:
            raise InvalidInput({"department": f"本县没有在用的部门“{values['department']}”"})
        covered = self._covered(values)
        key = (department.pk, *(covered[name] for name in COVERS))
        if (first := self.seen.get(key)) is not None:
            raise InvalidInput({"department": f"与第 {first} 行是同一条规则（部门和条件都相同）"})
        rule = self._standing(department.pk, covered)
        try:
            outcome = self._add(department, covered, values) if rule is None else self._change(rule, department, values)
        except InvalidInput as error:
            raise InvalidInput({COLUMN_OF.get(name, name): words for name, words in error.fields.items()}) from None
        self.seen[key] = row.number
        self.wrote = self.wrote or outcome is not UNCHANGED
        return outcome

    def _covered(self, values: dict[str, Any]) -> dict[str, Any]:
        town, village = self.places.town_and_village(values["town"], values["village"])
        return {
            "site_id": self._site(values["site"]),
            "industry_prefix": values["industry_prefix"] or "",
            "hazard_kind": self._kind(values["hazard_kind"]),
            "site_type": values["site_type"] or "",
            "town": town,
            "village": village,
        }

    def _site(self, code: str | None) -> UUID | None:
        if not code:
            return None
        site = by_codes(self.county, [code]).get(code)
        if site is None:
            raise InvalidInput({"site": f"本县没有编码为 {code} 的监管对象"})
        return site.id

    def _kind(self, written: str | None) -> str:
        given = (written or "").strip()
        if given and given not in self.kinds:
            raise InvalidInput({"hazard_kind": f"隐患类别“{given}”不在目录中"})
        return self.kinds[given] if given else ""

    def _standing(self, department_id: UUID, covered: dict[str, Any]) -> DutyRule | None:
        not_over = Q(valid_to__isnull=True) | Q(valid_to__gte=clock.today())
        rules = DutyRule.objects.filter(not_over, county=self.county, department_id=department_id)
        covers = {"site_id__isnull" if name == "site_id" and value is None else name: True
                  if name == "site_id" and value is None else value for name, value in covered.items()}  # fmt: skip
        return rules.filter(**covers).select_related("department").order_by("-created_at", "-id").first()

    def _add(self, department: Any, covered: dict[str, Any], values: dict[str, Any]) -> Outcome:
        services.add_rule(
            acting_user=self.acting_user, county=self.county, department=department, part=values["part"] or Part.MAIN,
            legal_basis=_basis(values), words=values["words"] or "", valid_from=values["valid_from"],
            valid_to=values["valid_to"], matches=False, **covered,
        )  # fmt: skip
        return CREATED

    def _change(self, rule: DutyRule, department: Any, values: dict[str, Any]) -> Outcome:
        if values["part"] not in (None, rule.part):
            return self._replace(rule, department, values)
        given: dict[str, Any] = {name: values[name] for name in ("words", "valid_to") if values[name] is not None}
        basis, known = _basis(values), rule.legal_basis or {}
        if basis is not None and any(known.get(name, "") != value for name, value in basis.items()):
            given["legal_basis"] = {**known, **basis}
        if all(getattr(rule, name) == value for name, value in given.items()):
            return UNCHANGED
        services.change_rule(acting_user=self.acting_user, rule=rule, matches=False, **given)
        return UPDATED

    def _replace(self, rule: DutyRule, department: Any, values: dict[str, Any]) -> Outcome:
        """End the rule and begin one with the other part: what held until yesterday stays as it was."""
        services.end_rule(acting_user=self.acting_user, rule=rule, reason=REPLACED, matches=False)
        kept = {name: getattr(rule, name) for name in COVERS}
        services.add_rule(
            acting_user=self.acting_user, county=self.county, department=department, part=values["part"],
            legal_basis=_basis(values) or rule.legal_basis, words=values["words"] or rule.words,
            valid_from=max(rule.valid_from, clock.today()), valid_to=values["valid_to"] or rule.valid_to, matches=False,
            **kept,
        )  # fmt: skip
        return UPDATED


def _basis(values: dict[str, Any]) -> dict[str, str] | None:
    if values["article"] and not values["law"]:
        raise InvalidInput({"law": "填了条款，也要填写法律依据"})
    return {"law": values["law"], "article": values["article"] or ""} if values["law"] else None
