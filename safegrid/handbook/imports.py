"""Hazard kinds and their time limits from Excel or CSV: a code that is there is changed, a new one takes its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.scope import Actor
from safegrid.foundation.tabular import (
    CREATED,
    UNCHANGED,
    UPDATED,
    CellError,
    Column,
    ImportReport,
    Mode,
    Outcome,
    ParsedRow,
    Table,
    parsers,
)
from safegrid.foundation.tabular.cell import Cell
from safegrid.foundation.worktime import TimeLimit
from safegrid.handbook import selectors, services
from safegrid.handbook.access import require
from safegrid.handbook.catalogue import HANDLE_MAX
from safegrid.handbook.models import HazardKind
from safegrid.regions.import_job import import_rows

FACTS = ("name", "nature", "severity", "is_occupational_health", "may_settle_on_spot")


def _limit(cell: Cell) -> dict[str, Any]:
    try:
        return TimeLimit.from_text(parsers.as_text(cell)).to_dict()
    except ValueError as error:
        raise CellError(str(error)) from None


LIMIT = parsers.Parser(_limit, "如“24小时（紧急）”“4个工作小时”“5个工作日”“10日”；留空不改")
LIMIT_COLUMNS = {f"limit_{stage}": stage for stage in (*services.STAGES, HANDLE_MAX)}
KIND_TABLE = Table(
    [
        Column("code", ("编码", "类别编码", "代码"), parsers.pattern(
            r"[A-Za-z0-9_-]{1,40}", "编码为 1–40 个字母、数字、下划线或短横线"), required=True,
            help="同一编码再次导入即修改"),
        Column("parent", ("上级编码", "上级类别", "上级"), parsers.text(max_length=120),
               help="编码或名称，上级要排在前面；留空为大类。已有的类别不改上级"),
        Column("name", ("名称", "类别名称", "隐患类别"), parsers.text(max_length=120), required=True),
        Column("nature", ("性质",), parsers.choice(dict(selectors.NATURES)), help="留空为事故隐患"),
        Column("severity", ("等级", "隐患等级"), parsers.choice(dict(selectors.SEVERITIES)), help="留空为一般"),
        Column("is_occupational_health", ("职业健康", "属职业健康"), parsers.boolean()),
        Column("may_settle_on_spot", ("可当场整改", "当场整改"), parsers.boolean()),
        *(Column(name, (f"{dict(selectors.STAGES)[stage]}时限",), LIMIT) for name, stage in LIMIT_COLUMNS.items()),
    ],
    unique=("code",),
)  # fmt: skip


def import_kinds(
    *, acting_user: Actor | None, county: int, path: Path, mode: Mode = "all_or_nothing", dry_run: bool = False
) -> ImportReport:
    """Load hazard kinds with their own limits; an empty cell says nothing, and no kind is retired by being left out.

    Raises ``NotPermitted``, ``TabularError``.
    """
    require(acting_user, "add_kind", county)
    job = _Job(acting_user, county)
    return import_rows(KIND_TABLE, path, job.write, mode=mode, dry_run=dry_run)


class _Job:
    def __init__(self, acting_user: Actor | None, county: int) -> None:
        self.acting_user, self.county = acting_user, county

    def write(self, row: ParsedRow) -> Outcome:
        kinds = {one.code: one for one in selectors.hazard_kinds(self.county, active=False)}
        values = row.values
        parent = self._parent(values["parent"], kinds)
        facts = {name: values[name] for name in FACTS if values[name] is not None}
        kind = kinds.get(values["code"])
        if kind is None:
            outcome, kind = CREATED, self._add(values["code"], parent, facts)
        else:
            outcome = (
                UPDATED if self._change(kind, parent if values["parent"] else kind.parent_code, facts) else UNCHANGED
            )
        if self._limits(kind, values) and outcome is UNCHANGED:
            outcome = UPDATED
        return outcome

    def _parent(self, written: str | None, kinds: dict[str, HazardKind]) -> str:
        given = (written or "").strip()
        if not given or given in kinds:
            return given
        codes = [one.code for one in kinds.values() if one.name == given]
        if len(codes) != 1:
            words = f"没有上级类别“{given}”" if not codes else f"有 {len(codes)} 个类别叫“{given}”"
            raise InvalidInput({"parent": f"{words}，请填写编码；上级要排在下级前面"})
        return codes[0]

    def _add(self, code: str, parent: str, facts: dict[str, Any]) -> HazardKind:
        given = {"nature": "hazard", "severity": "general", **facts}
        try:
            return services.add_kind(
                acting_user=self.acting_user, county=self.county, code=code, parent_code=parent, **given
            )
        except InvalidInput as error:
            renamed = {"parent" if field == "parent_code" else field: words for field, words in error.fields.items()}
            raise InvalidInput(renamed) from None

    def _change(self, kind: HazardKind, parent: str, facts: dict[str, Any]) -> bool:
        if parent != kind.parent_code:
            raise InvalidInput({"parent": "已有的类别不能改上级：请停用后用新编码新增"})
        changed = any(getattr(kind, name) != value for name, value in facts.items())
        if changed:
            services.change_kind(acting_user=self.acting_user, county=self.county, code=kind.code, **facts)
        return changed

    def _limits(self, kind: HazardKind, values: dict[str, Any]) -> bool:
        given = {stage: values[column] for column, stage in LIMIT_COLUMNS.items() if values[column] is not None}
        longest = given.pop(HANDLE_MAX, None)
        limits = {**kind.limits, **given}
        if limits == kind.limits and longest in (None, kind.handle_max):
            return False
        services.change_limits(acting_user=self.acting_user, county=self.county, code=kind.code, limits=limits,
                               handle_max=longest)  # fmt: skip
        return True
