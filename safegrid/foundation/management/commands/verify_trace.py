from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from safegrid.foundation import sealing
from safegrid.foundation.keys import cross_county
from safegrid.foundation.models import TraceHead, TraceRow

KINDS = {
    "altered": "内容被改",
    "removed": "被删除",
    "inserted": "被插入",
    "reordered": "顺序被改",
    "batch": "批次被改",
    "chain": "链断开",
}


class Command(BaseCommand):
    requires_system_checks = []  # the trace is served also where pages are broken
    help = "校验留痕：逐行、逐批、逐链核对；发现问题时逐条列出，并以状态1退出"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--county", type=int, action="append", help="县（区）代码，可重复；默认全部")
        parser.add_argument("--from", type=int, default=1, dest="from_seq", metavar="批次", help="从第几批开始，默认1")

    def handle(self, *, county: list[int] | None, from_seq: int, **options: Any) -> None:
        reports = [self.report_on(each, from_seq) for each in county or every_county()]
        if not reports:
            self.stdout.write("还没有留痕")
        if not all(report.is_whole for report in reports):
            sys.exit(1)

    def report_on(self, county: int, from_seq: int) -> sealing.Report:
        report = sealing.verify(county, from_seq=from_seq)
        for problem in report.problems:
            place = [f"批次{problem.seq}"] if problem.seq is not None else []
            place += [f"行{problem.row_id}"] if problem.row_id else []
            self.stdout.write(f"[{KINDS[problem.kind]}] {county} {'，'.join(place)}：{problem.words}")
        if report.more_problems:
            self.stdout.write(f"……另有 {report.more_problems} 处问题未列出")
        waiting = f"，最早的写于 {report.oldest_unsealed_at:%Y-%m-%d %H:%M:%S}Z" if report.oldest_unsealed_at else ""
        found = len(report.problems) + report.more_problems
        self.stdout.write(
            f"{county}：批次 {report.batches}，已封存 {report.sealed} 行，未封存 {report.unsealed} 行{waiting}；"
            f"链头 {report.last_seq}:{report.head.hex()}；{f'发现问题 {found} 处' if found else '校验通过'}"
        )
        return report


def every_county() -> list[int]:
    """Return every county that has a trace."""
    with cross_county("the whole trace is verified"):
        sealed = set(TraceHead.objects.values_list("county", flat=True))
        waiting = TraceRow.objects.filter(sealed_in__isnull=True).values_list("county", flat=True).distinct()
        return sorted(sealed | set(waiting))
