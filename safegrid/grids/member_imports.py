"""Grid members from Excel or CSV, with their accounts, papers and grids."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted, SafeGridError
from safegrid.foundation.scope import Actor
from safegrid.foundation.tabular import (
    CREATED,
    UNCHANGED,
    UPDATED,
    CellError,
    Column,
    ImportReport,
    ImportStopped,
    Mode,
    Outcome,
    ParsedRow,
    Table,
    parsers,
    read_rows,
    refused,
    run_import,
)
from safegrid.foundation.tabular.cell import Cell
from safegrid.grids import access, selectors, services
from safegrid.grids.models import GateEvidence, GridMember
from safegrid.grids.skills import problem_of, words_in
from safegrid.orgs import selectors as orgs
from safegrid.regions.lookup import Places

PAPERS = (("exam", "上岗考试合格证"), ("undertaking", "保密承诺书"), ("equipment", "防护用品发放单"))


def _codes(cell: Cell) -> list[str]:
    text = parsers.as_text(cell)
    for separator in "，,；;/ ":
        text = text.replace(separator, "、")
    parts = [part.strip() for part in text.split("、") if part.strip()]
    if any(len(part) > 60 for part in parts):
        raise CellError("应为部门编码或名称，用顿号分隔")
    return parts


def _words(cell: Cell) -> list[str]:
    words = words_in(parsers.as_text(cell))
    if wrong := problem_of(words):
        raise CellError(wrong)
    return words


def _papers() -> list[Column]:
    columns = []
    for kind, label in PAPERS:
        columns += [
            Column(f"{kind}_number", (f"{label}编号",), parsers.text(max_length=60)),
            Column(f"{kind}_issued_on", (f"{label}日期",), parsers.day()),
            Column(f"{kind}_expires_on", (f"{label}有效期至",), parsers.day()),
        ]
    return columns


MEMBER_TABLE = Table(
    [
        Column("code", ("网格员编号", "编号", "工号"), parsers.pattern(
            r"[0-9A-Za-z-]{1,20}", "网格员编号为 1–20 位数字、字母或短横线"), required=True),
        Column("name", ("姓名",), parsers.text(max_length=60), required=True),
        Column("phone", ("手机号", "手机", "电话", "联系电话"), parsers.phone()),
        Column("username", ("用户名", "登录名"), parsers.pattern(r"[\w.@-]{2,60}", "用户名为 2–60 个字母、数字或 . @ - _"),
               help="留空时为 wg 加网格员编号"),
        Column("employer", ("用人单位", "工作单位", "单位"), parsers.text(max_length=100), required=True),
        Column("town", ("所属乡镇", "所属安监站", "乡镇", "街道"), parsers.text(max_length=100), required=True,
               help="管理其日常工作的安监站所在乡镇，名称或 9 位代码"),
        Column("home_village", ("居住村（社区）", "居住村社区", "居住村"), parsers.text(max_length=100)),
        Column("is_full_time", ("是否专职", "专职"), parsers.boolean(), default=True),
        Column("task_givers", ("可派任务部门",), _codes, help="部门编码或名称，用顿号分隔"),
        Column("skills", ("语言与专长", "语言", "专长", "技能"), _words, help="如：畲语、电工；用顿号分隔"),
        Column("hired_on", ("入职日期", "聘用日期"), parsers.day()),
        Column("grid", ("派驻网格编码", "网格编码", "负责网格"), parsers.pattern(
            r"[0-9A-Za-z-]{1,20}", "网格编码为 1–20 位数字、字母或短横线"), help="填写后直接派驻，三项上岗凭证须齐全"),
        *_papers(),
    ],
    unique=("code",),
)  # fmt: skip


def import_members(
    *, acting_user: Actor | None, county: int, path: Path, mode: Mode = "all_or_nothing", dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:  # fmt: skip
    """Load members: a new code opens an account (without password) and enrols; one that is there is updated.

    Papers are entered, and a grid named posts the member through the gates: a row whose gates do not open is refused whole.
    A town officer loads own town's members only. Raises ``NotPermitted``, ``TabularError``.
    """
    if access.towns_of(acting_user, "import_members", county) == []:
        raise NotPermitted(access.WORDS[access.STAFFING])
    job = _Job(acting_user, county)
    try:
        with transaction.atomic():
            return run_import(MEMBER_TABLE, read_rows(path), apply=job.apply, mode=mode, dry_run=dry_run,
                              batch_size=200, progress=progress)  # fmt: skip
    except ImportStopped as stop:
        return stop.report


class _Job:
    def __init__(self, acting_user: Actor | None, county: int) -> None:
        self.acting_user, self.county, self.places = acting_user, county, Places(county)
        self.departments = {one.name: one.code for one in orgs.departments(county, active=False)}

    def apply(self, rows: list[ParsedRow]) -> list[Outcome]:
        return [self._one(row) for row in rows]

    def _one(self, row: ParsedRow) -> Outcome:
        try:
            with transaction.atomic():
                return self._write(row)
        except InvalidInput as error:
            column, words = next(iter(error.fields.items()))
            return refused(words, column)
        except SafeGridError as error:
            return refused(error.message)

    def _write(self, row: ParsedRow) -> Outcome:
        values = row.values
        values["town"] = self.places.town(values["town"])
        try:
            values["home_village"] = self.places.village(values["home_village"])
        except InvalidInput as error:
            raise InvalidInput({"home_village": error.message}) from None
        values["task_givers"] = [self.departments.get(one, one) for one in values["task_givers"] or []]
        member = selectors.member_by_code(self.county, values["code"])
        if member is None:
            outcome, member = CREATED, self._enrol(values)
        else:
            outcome = UPDATED if self._update(member, row) else UNCHANGED
        if self._papers(member, values) | self._post(member, values["grid"]) and outcome is UNCHANGED:
            return UPDATED
        return outcome

    def _enrol(self, values: dict[str, Any]) -> GridMember:
        username = values["username"] or f"wg{self.county}-{values['code']}"
        access.require_at(self.acting_user, "enrol_member", self.county, values["town"])
        user = services.account_for_member(
            acting_user=self.acting_user, username=username, name=values["name"], town=values["town"],
            phone=values["phone"] or "",
        )  # fmt: skip
        return services.enrol_member(
            acting_user=self.acting_user, county=self.county, user=user, code=values["code"], name=values["name"],
            employer=values["employer"], town=values["town"], is_full_time=values["is_full_time"],
            home_village=values["home_village"], task_givers=values["task_givers"], hired_on=values["hired_on"],
            skills=values["skills"] or [],
        )  # fmt: skip

    def _update(self, member: GridMember, row: ParsedRow) -> bool:
        names = ("name", "employer", "town", "home_village", "is_full_time", "task_givers", "skills")
        given: dict[str, Any] = {name: row.values[name] for name in names if name in row.given}
        given["task_givers"] = sorted(set(given.get("task_givers", member.task_givers)))
        if "skills" in given:
            given["skills"] = sorted(set(given["skills"] or []))
        changed = any(getattr(member, name) != value for name, value in given.items())
        if changed:
            services.change_member(acting_user=self.acting_user, member=member, values=given)
        return changed

    def _papers(self, member: GridMember, values: dict[str, Any]) -> bool:
        entered = False
        for kind, label in PAPERS:
            number, issued = values[f"{kind}_number"], values[f"{kind}_issued_on"]
            if not number:
                continue
            known = GateEvidence.objects.filter(county=self.county, member=member, kind=kind, number=number)
            if known.exists():
                continue
            if not isinstance(issued, date):
                raise InvalidInput({f"{kind}_issued_on": f"有{label}编号时必须填写日期"})
            expires = values[f"{kind}_expires_on"]
            try:
                services.enter_evidence(acting_user=self.acting_user, member=member, kind=kind, number=number,
                                        issued_on=issued, expires_on=expires)  # fmt: skip
            except InvalidInput as error:
                name, words = next(iter(error.fields.items()))
                raise InvalidInput({f"{kind}_{name}": words}) from None
            entered = True
        return entered

    def _post(self, member: GridMember, code: str | None) -> bool:
        if not code:
            return False
        grid = selectors.by_code(self.county, code)
        if grid is None:
            raise InvalidInput({"grid": f"没有编码为 {code} 的网格，请先导入网格"})
        present = selectors.present_postings(self.county, [member.id], clock.today()).get(member.id, [])
        if any(posting.grid_id == grid.id for posting in present):
            return False
        try:
            services.post_member(acting_user=self.acting_user, member=member, grid=grid)
        except SafeGridError as error:
            raise InvalidInput({"grid": error.message}) from None
        return True
