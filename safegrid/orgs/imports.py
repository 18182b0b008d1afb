"""Departments and the officers they name, from Excel or CSV: one row for each officer, a department at least one row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db.models import Q

from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted
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
from safegrid.orgs import access, selectors, services
from safegrid.orgs.models import Department, NamedOfficer
from safegrid.regions.import_job import import_rows
from safegrid.regions.lookup import Places

FACTS = ("name", "level", "role", "town", "duty_phone")
OFFICER = {"officer_title": "title", "officer_phone": "phone", "officer_from": "valid_from", "officer_to": "valid_to"}
COLUMN_OF = {"name": "officer_name", **{field: column for column, field in OFFICER.items()}}

DEPARTMENT_TABLE = Table(
    [
        Column("code", ("部门代码", "代码", "部门编码"), parsers.pattern(
            r"[A-Za-z0-9_-]{1,30}", "部门代码为 1–30 个字母、数字、下划线或短横线"), required=True,
            help="同一代码再次导入即修改；一个部门有几名责任人就写几行"),
        Column("name", ("部门名称", "名称", "部门"), parsers.text(max_length=100), required=True),
        Column("level", ("层级",), parsers.choice(dict(selectors.levels())), help="留空为县级"),
        Column("role", ("角色",), parsers.choice(dict(selectors.roles())), help="留空为配合部门；全县只有一个牵头部门"),
        Column("town", ("乡镇", "街道", "所属乡镇"), parsers.text(max_length=100), help="仅乡镇部门填写，名称或 9 位代码"),
        Column("duty_phone", ("值班电话", "部门电话"), parsers.phone()),
        Column("officer_name", ("责任人", "责任人姓名", "姓名"), parsers.text(max_length=60)),
        Column("officer_title", ("责任人职务", "职务"), parsers.text(max_length=60)),
        Column("officer_phone", ("责任人电话", "手机号", "联系电话"), parsers.phone()),
        Column("officer_from", ("责任人开始日期", "开始日期"), parsers.day(),
               help="新指定的留空为今天；已有责任人的开始日期不改"),
        Column("officer_to", ("责任人结束日期", "结束日期"), parsers.day(), help="留空为长期"),
    ],
    unique=("code", "officer_name"),
)  # fmt: skip


def import_departments(
    *, acting_user: Actor | None, county: int, path: Path, mode: Mode = "all_or_nothing", dry_run: bool = False
) -> ImportReport:
    """Load departments with their named officers: a code that is there is changed, an empty cell says nothing.

    A running naming of the same person is corrected; nobody's naming ends because a file leaves them out.
    Raises ``NotPermitted``, ``TabularError``.
    """
    if acting_user is not None and not access.keeps(acting_user, "open_department", county):
        raise NotPermitted(services.REFUSED)
    job = _Job(acting_user, county)
    return import_rows(DEPARTMENT_TABLE, path, job.write, mode=mode, dry_run=dry_run)


class _Job:
    def __init__(self, acting_user: Actor | None, county: int) -> None:
        self.acting_user, self.county, self.places = acting_user, county, Places(county)
        self.seen: dict[str, dict[str, Any]] = {}  # what this file said of a department before

    def write(self, row: ParsedRow) -> Outcome:
        values = row.values
        values["town"] = self.places.town(values["town"]) or None
        facts = {name: values[name] for name in FACTS if values[name] is not None}
        self._agree(values["code"], facts)
        department = selectors.by_code(self.county, values["code"])
        if department is None:
            outcome, department = CREATED, services.open_department(
                acting_user=self.acting_user, county=self.county, code=values["code"], **facts
            )  # fmt: skip
        else:
            outcome = UPDATED if self._change(department, facts) else UNCHANGED
        if self._officer(department, values) and outcome is UNCHANGED:
            outcome = UPDATED
        self.seen.setdefault(values["code"], {}).update(facts)
        return outcome

    def _agree(self, code: str, facts: dict[str, Any]) -> None:
        """Two rows of one department may not tell different things of it: which one holds is not ours to guess."""
        before = self.seen.get(code, {})
        for name, value in facts.items():
            if name in before and before[name] != value:
                raise InvalidInput({name: f"与前面同一部门的行不一致（前面为“{before[name]}”）"})

    def _change(self, department: Department, facts: dict[str, Any]) -> bool:
        changed = any(getattr(department, name) != value for name, value in facts.items())
        if changed:
            services.change_department(acting_user=self.acting_user, department=department, **facts)
        return changed

    def _officer(self, department: Department, values: dict[str, Any]) -> bool:
        given = {field: values[column] for column, field in OFFICER.items() if values[column] is not None}
        name = (values["officer_name"] or "").strip()
        if not name:
            if given:
                raise InvalidInput({"officer_name": "填了职务、电话或日期，也要填写责任人姓名"})
            return False
        try:
            return self._name(department, name, given)
        except InvalidInput as error:
            raise InvalidInput({COLUMN_OF.get(field, field): words for field, words in error.fields.items()}) from None

    def _name(self, department: Department, name: str, given: dict[str, Any]) -> bool:
        standing = Q(valid_to__isnull=True) | Q(valid_to__gte=clock.today())
        officers = NamedOfficer.objects.filter(standing, county=self.county, department=department, name=name)
        officer = officers.order_by("-valid_from", "id").first()
        if officer is None:
            services.name_officer(acting_user=self.acting_user, department=department, name=name,
                                  **{"valid_from": clock.today(), **given})  # fmt: skip
            return True
        given.pop("valid_from", None)
        changed = any(getattr(officer, field) != value for field, value in given.items())
        if changed:
            services.change_officer(acting_user=self.acting_user, officer=officer, **given)
        return changed
