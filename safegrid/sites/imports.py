"""Bringing tables of sites into the register: checked row by row, written in batches, the same file twice is once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from django.db import IntegrityError, transaction

from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted
from safegrid.foundation.scope import Actor
from safegrid.foundation.tabular import (
    CREATED,
    Column,
    ImportReport,
    ImportStopped,
    Outcome,
    ParsedRow,
    Table,
    parsers,
    read_rows,
    run_import,
)
from safegrid.foundation.tabular.importing import Mode
from safegrid.regions.datum import Datum
from safegrid.sites import access
from safegrid.sites.intake import Intake
from safegrid.sites.services import load_industries
from safegrid.sites.site_table import SITE_TABLE

__all__ = ["INDUSTRY_TABLE", "SITE_TABLE", "import_industries", "import_sites"]

BATCH = 1000


def import_sites(
    *,
    acting_user: Actor | None,
    county: int,
    path: str | Path,
    datum: Datum | str,
    mode: Mode = "all_or_nothing",
    dry_run: bool = False,
    is_demonstration: bool = False,
    source: str = "",
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Import a workbook or CSV of sites (the columns of ``SITE_TABLE``); the caller closes the report.

    A row is a site of the register by its code, without a code by its credit code, without either by town, name and
    address: then it updates what its cells say (an empty cell says nothing), else it is a new site. A row without a place
    gets it from its position. ``datum`` is what the coordinates are in. A dry run decides everything and writes nothing.
    "all_or_nothing" is one transaction; "skip_bad" commits batch by batch.

    Raises ``TabularError`` for an unreadable file, ``InvalidInput``, ``NotPermitted``, ``Conflict`` when somebody registered
    one of the codes meanwhile.
    """
    towns = access.towns_of(acting_user, "import_sites", county)
    if towns is not None and not towns:
        raise NotPermitted("您的角色不能导入监管对象")
    try:
        datum = Datum(datum)
    except ValueError:
        raise InvalidInput({"datum": "请选择坐标系；系统不猜测坐标系"}) from None
    intake = Intake(
        county=county,
        acting_user=acting_user,
        towns=towns,
        datum=datum,
        writes=not dry_run,
        is_demonstration=is_demonstration,
        source=(source or Path(path).name)[:60],
    )
    whole = not dry_run and mode == "all_or_nothing"
    try:
        with transaction.atomic() if whole else nullcontext(), read_rows(path) as rows:
            report = run_import(
                SITE_TABLE, rows, apply=intake.apply, mode=mode, dry_run=dry_run, batch_size=BATCH, progress=progress
            )
    except ImportStopped as stopped:
        report = stopped.report
    except IntegrityError as error:
        raise Conflict("导入期间有人登记了同样编码的监管对象，请重新检查后再导入") from error
    intake.remark_crowds()
    report.remarks, report.first_remarks = dict(intake.remarks), intake.first_remarks
    return report


def _code(digits: int) -> parsers.Parser:
    return parsers.pattern(rf"[A-T]|\d{{2,{digits}}}", f"应为门类字母或 2 至 {digits} 位数字", upper=True)


INDUSTRY_TABLE = Table(
    (
        Column("code", ("代码", "行业代码", "类别代码"), _code(4), required=True),
        Column("name", ("名称", "行业名称", "类别名称"), parsers.text(max_length=120), required=True),
        Column("parent", ("上级代码", "上级"), _code(3)),
    ),
    unique=("code",),
)  # fmt: skip


def import_industries(*, acting_user: Actor | None, path: str | Path) -> ImportReport:
    """Import the full list of GB/T 4754-2017 (code, name, optionally parent); all or nothing."""

    def apply(rows: list[ParsedRow]) -> list[Outcome]:
        load_industries(acting_user=acting_user, rows=[_industry(row.values) for row in rows])
        return [CREATED] * len(rows)

    try:
        with transaction.atomic(), read_rows(path) as source:
            return run_import(INDUSTRY_TABLE, source, apply=apply)
    except ImportStopped as stopped:
        return stopped.report


def _industry(values: dict[str, str | None]) -> tuple[str, str, str]:
    code, name = str(values["code"]), str(values["name"])
    # A group belongs to its division, a class to its group; a division's section is not in its digits.
    return code, name, values["parent"] or (code[:-1] if len(code) > 2 else "")
