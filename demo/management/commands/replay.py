"""Loads a folder of real inspections and plays them through the platform; prints counts that reconcile to the last row."""

from __future__ import annotations

import os
import resource
import tempfile
from argparse import ArgumentParser
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from tqdm import tqdm

from demo.replay import premises, source
from demo.replay.city import COUNTY, build
from demo.replay.crew import play
from demo.replay.run import Replay, Tally
from safegrid.foundation import clock, sealing
from safegrid.foundation.errors import SafeGridError

SEED = 20171130  # the date of the guidance's year and number: any fixed number does


class Command(BaseCommand):
    help = (
        "Replay the city's inspections: premises as sites, inspections as visits, serious ones as cases to their close."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--seed", type=int, default=SEED)
        parser.add_argument("--limit", type=int, default=0, help="only the first so many inspections")
        parser.add_argument("--processes", type=int, default=0,
                            help="how many share the towns; one on SQLite, otherwise as many as CPUs by default")  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            source.require(options["folder"])
            processes = 1 if connection.vendor == "sqlite" else options["processes"] or os.cpu_count() or 1
            self._replay(options["folder"], options["seed"], options["limit"], processes)
        except SafeGridError as error:
            raise CommandError(error.message) from error

    def _replay(self, folder: Path, seed: int, limit: int, processes: int) -> None:
        inspections = source.inspections(folder)
        inspections = inspections[:limit] if limit else inspections
        began = monotonic()
        start = datetime.combine(inspections[0].day - timedelta(days=30), time(0), UTC)
        with clock.simulated(start) as time_now, tempfile.TemporaryDirectory() as scratch:
            city = build(folder, inspections[0].day)
            report, rows = premises.bring_in(folder, Path(scratch))
            self.stdout.write(f"监管对象：读入 {rows}，登记 {report.created}，拒绝 {report.refused}")
            refused = premises.refused_licenses(report)
            self._import_report(report, folder)
            set_up = monotonic()
            tally = Tally()
            with tqdm(total=len(inspections), desc="检查回放", unit="次") as bar:
                for told in play(lambda crew: Replay(city, time_now, seed, refused, crew), inspections, processes):
                    if isinstance(told, Tally):
                        tally = told
                    else:
                        bar.update(told)
            played = monotonic()
            sealed = sealing.seal_all()
        verdict = sealing.verify(COUNTY)
        self._summary(tally, rows, report)
        seconds, acts = played - set_up, tally.visits + tally.cases + sum(tally.verbs.values())
        self.stdout.write(
            f"用时：建县与导入 {set_up - began:.1f} 秒，"
            f"回放 {seconds:.1f} 秒（{processes} 个进程，{acts / seconds:.0f} 个动作/秒），"
            f"封存 {sealed} 行与核验 {monotonic() - played:.1f} 秒；内存峰值 {_peak(resource.RUSAGE_SELF)} MB"
            + (f"，分担回放的进程各不超过 {_peak(resource.RUSAGE_CHILDREN)} MB" if processes > 1 else "")
        )
        self.stdout.write(str(verdict))
        if verdict.problems:
            raise CommandError("留痕核验没有通过")

    def _import_report(self, report: Any, folder: Path) -> None:
        for words, number in sorted(report.remarks.items()):
            self.stdout.write(f"  提示 {number:>5} 行：{words}")
        reasons: dict[str, int] = {}
        for why in premises.refused_licenses(report).values():
            reasons[why] = reasons.get(why, 0) + 1
        for why, number in sorted(reasons.items()):
            self.stdout.write(f"  拒绝 {number:>5} 行：{why}")
        for (longitude, latitude), number in premises.crowds(folder).items():
            self.stdout.write(f"  同一坐标 {longitude},{latitude} 有 {number} 个许可证")

    def _summary(self, tally: Tally, rows: int, report: Any) -> None:
        out = self.stdout.write
        unvisited = sum(tally.refused.values())
        closed = tally.verbs["close"]
        out(f"检查：读入 {tally.inspections} ＝ 巡查 {tally.visits} ＋ 未能记录 {unvisited}")
        for why, number in tally.refused.most_common():
            out(f"  未能记录 {number:>5} 次：{why}")
        out(f"应立案检查 {tally.reporting}，其中形成案件 {tally.cases}，结案 {closed}，其余随未能记录的检查")
        out("动作：" + "，".join(f"{verb} {number}" for verb, number in sorted(tally.verbs.items())))
        whole = (
            tally.inspections == tally.visits + unvisited and rows == report.created + report.updated + report.refused
        )
        if not whole or closed != tally.cases:
            raise CommandError("进出数量对不上")
        out("进出数量核对一致")


def _peak(whose: int) -> int:
    """Return the largest resident size of this process, or of any that it has waited for, in MB."""
    return round(resource.getrusage(whose).ru_maxrss / 1024)
