"""What the worker does with an uploaded table. Every step bears being run again after a crash."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import UUID

from django.core.files import File
from django.core.files.storage import default_storage

from safegrid.accounts import selectors as accounts
from safegrid.foundation import clock, trace
from safegrid.foundation.errors import SafeGridError
from safegrid.foundation.scope import Actor
from safegrid.foundation.tabular import ImportReport, TabularError
from safegrid.notices.services import tell
from safegrid.sites.imports import import_sites
from safegrid.sites.models import ImportRun, ImportState
from safegrid.sites.services import compare_register

Do = Callable[[ImportRun, Actor, Path, Callable[[int], None]], ImportReport]


def check(county: int, run_id: UUID) -> None:
    """Try an import without writing anything; then it waits for its confirmation."""
    _carry_out(county, run_id, ImportState.WAITING, ImportState.CHECKING, ImportState.CHECKED, _import(dry_run=True))


def apply(county: int, run_id: UUID) -> None:
    """Carry out a confirmed import."""
    _carry_out(county, run_id, ImportState.ORDERED, ImportState.APPLYING, ImportState.APPLIED, _import(dry_run=False))


def compare(county: int, run_id: UUID) -> None:
    """Compare an uploaded extract of another register with ours."""
    _carry_out(county, run_id, ImportState.WAITING, ImportState.APPLYING, ImportState.APPLIED, _compare)


def _import(*, dry_run: bool) -> Do:
    def do(run: ImportRun, user: Actor, path: Path, progress: Callable[[int], None]) -> ImportReport:
        return import_sites(
            acting_user=user,
            county=run.county,
            path=path,
            datum=run.options["datum"],
            mode=run.options["mode"],
            dry_run=dry_run,
            source=run.name,
            progress=progress,
        )

    return do


def _compare(run: ImportRun, user: Actor, path: Path, progress: Callable[[int], None]) -> ImportReport:
    _, report = compare_register(
        acting_user=user,
        county=run.county,
        path=path,
        name=run.name,
        taken_on=date.fromisoformat(run.options["taken_on"]),
        is_complete=run.options["is_complete"],
        progress=progress,
    )
    return report


def _carry_out(county: int, run_id: UUID, waiting: str, working: str, done: str, do: Do) -> None:
    run: ImportRun | None = ImportRun.objects.filter(county=county, id=run_id, state__in=(waiting, working)).first()
    if run is None:
        return  # cancelled, or done by the worker this task was taken from
    if run.state == waiting:
        run.swap(state=working)
    user = accounts.user(run.started_by_id)

    def progress(rows: int) -> None:
        ImportRun.objects.filter(county=county, id=run_id).update(rows_read=rows)

    try:
        with _local(run) as path, do(run, user, path, progress) as report:
            refused_file = _keep_refused(run, user, report)
            summary, kept = report.summary(), report.as_dict()
            read, whole = report.read, report.applied or done == ImportState.CHECKED
    except TabularError as error:
        _end(run, user, ImportState.FAILED, str(error))
    except SafeGridError as error:
        _end(run, user, ImportState.FAILED, error.message)
    else:
        ImportRun.objects.filter(county=county, id=run_id).update(
            rows_read=read, report=kept, refused_file=refused_file
        )
        _end(run, user, done if whole else ImportState.FAILED, summary)


def _end(run: ImportRun, user: Actor, state: str, message: str) -> None:
    run.swap(state=state, message=message[:500], ended_at=clock.now())
    trace.record(acting_user=user, action="sites.end_import", target=run, changes={"state": state, "message": message})
    tell(county=run.county, recipients=[run.started_by_id], kind="sites.import", title=f"{run.name}：{ImportState(state).label}",
         body=message, target=run, key=f"sites.import:{run.id}:{state}")  # fmt: skip


@contextmanager
def _local(run: ImportRun) -> Iterator[Path]:
    """Give the uploaded file as a path, fetched first where the storage is elsewhere."""
    try:
        path = default_storage.path(run.file)
    except NotImplementedError:
        path = ""
    if path:
        yield Path(path)
    else:
        with tempfile.NamedTemporaryFile(suffix=Path(run.file).suffix) as copy:
            with default_storage.open(run.file) as kept:
                for chunk in kept.chunks():
                    copy.write(chunk)
            copy.flush()
            yield Path(copy.name)


def _keep_refused(run: ImportRun, user: Actor, report: ImportReport) -> str:
    if not report.refused:
        return ""
    with tempfile.TemporaryDirectory(prefix="safegrid-refused-") as folder:
        path = Path(folder) / "refused.xlsx"
        at = clock.now().astimezone(clock.SHANGHAI)
        report.write_refused_workbook(path, watermark=f"{user.label} {at:%Y-%m-%d %H:%M}")
        with path.open("rb") as file:
            return default_storage.save(f"imports/{run.county}/{run.id}-refused.xlsx", File(file))
