"""Uploaded tables on their way into the register: ordered here, carried out by the queue (``safegrid.sites.work``)."""

from __future__ import annotations

from datetime import date
from pathlib import PurePath

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from safegrid.foundation import clock, trace
from safegrid.foundation.errors import InvalidInput, NotPermitted, WrongState
from safegrid.foundation.ids import uuid7
from safegrid.foundation.queue import enqueue
from safegrid.foundation.scope import Actor
from safegrid.regions.datum import Datum
from safegrid.sites.access import require_at, towns_of
from safegrid.sites.models import ImportKind, ImportRun, ImportState

ENDINGS = frozenset({".xlsx", ".xls", ".csv", ".txt", ".tsv"})
MODES = {"all_or_nothing": "有一行有误则整个文件都不导入", "skip_bad": "跳过有误的行，导入其余各行"}
MOST_BYTES = 200 * 1024**2


@transaction.atomic
def start_import(*, acting_user: Actor, county: int, file: File[bytes], datum: str, mode: str) -> ImportRun:
    """Keep an uploaded table of sites and queue its check; nothing is imported before ``confirm_import``."""
    towns = towns_of(acting_user, "import_sites", county)
    if towns is not None and not towns:
        raise NotPermitted("您的角色不能导入监管对象")
    problems = {}
    if datum not in list(Datum):
        problems["datum"] = "请选择坐标系；系统不猜测坐标系"
    if mode not in MODES:
        problems["mode"] = "请选择导入方式"
    options: dict[str, object] = {"datum": datum, "mode": mode}
    return _start(acting_user, county, file, ImportKind.SITES, options, problems, "sites.check_import")


@transaction.atomic
def start_comparison(
    *, acting_user: Actor, county: int, file: File[bytes], taken_on: date, is_complete: bool = False
) -> ImportRun:
    """Keep an uploaded extract of the market register and queue its comparison."""
    require_at(acting_user, "compare_register", county)
    problems = {} if taken_on <= clock.today() else {"taken_on": "数据日期不能晚于今天"}
    options: dict[str, object] = {"taken_on": taken_on.isoformat(), "is_complete": is_complete}
    return _start(acting_user, county, file, ImportKind.REGISTER, options, problems, "sites.compare_register")


def _start(
    user: Actor,
    county: int,
    file: File[bytes],
    kind: str,
    options: dict[str, object],
    problems: dict[str, str],
    task: str,
) -> ImportRun:
    name = PurePath(file.name or "").name
    ending = PurePath(name).suffix.lower()
    if ending not in ENDINGS:
        problems["file"] = "请上传 .xlsx、.xls 或 .csv 文件"
    elif not file.size or file.size > MOST_BYTES:
        problems["file"] = f"文件是空的，或超过 {MOST_BYTES // 1024**2} MB，请拆分后上传"
    if problems:
        raise InvalidInput(problems)
    key = uuid7()
    kept = default_storage.save(f"imports/{county}/{key}{ending}", file)
    run = ImportRun(id=key, county=county, kind=kind, state=ImportState.WAITING, name=name[:200], file=kept, options=options,
                    started_by_id=user.id, started_at=clock.now())  # fmt: skip
    run.save(force_insert=True)
    trace.record(
        acting_user=user, action="sites.start_import", target=run, changes={"file": name, "kind": kind, **options}
    )
    enqueue(task, county=county, run_id=str(run.id))
    return run


@transaction.atomic
def confirm_import(*, acting_user: Actor, run: ImportRun, version: int | None = None) -> ImportRun:
    """Order the import of a checked table. Raises ``WrongState`` before the check has ended or after it was ordered."""
    _own(acting_user, run)
    if run.state != ImportState.CHECKED or (version is not None and version != run.version):
        raise WrongState("这个文件还没有检查完，或者已经确认过")
    run.swap(state=ImportState.ORDERED.value)
    trace.record(acting_user=acting_user, action="sites.confirm_import", target=run, changes={"file": run.name})
    enqueue("sites.apply_import", county=run.county, run_id=str(run.id))
    return run


@transaction.atomic
def cancel_import(*, acting_user: Actor, run: ImportRun) -> ImportRun:
    """Give up a table that was not imported yet."""
    _own(acting_user, run)
    if run.state not in (ImportState.WAITING, ImportState.CHECKED):
        raise WrongState("这个文件正在处理或已经导入，不能放弃")
    run.swap(state=ImportState.CANCELLED.value, ended_at=clock.now())
    trace.record(acting_user=acting_user, action="sites.cancel_import", target=run, changes={"file": run.name})
    return run


def _own(user: Actor, run: ImportRun) -> None:
    if run.started_by_id != user.id:
        raise NotPermitted("只有上传人可以确认或放弃这次导入")
