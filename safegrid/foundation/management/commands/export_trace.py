from __future__ import annotations

import gzip
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from safegrid.foundation import sealing, trace


class Command(BaseCommand):
    requires_system_checks = []  # the trace is served also where pages are broken
    help = "导出一个县的留痕，供第三方用 tools/verify_trace_export.py 独立校验"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--county", type=int, required=True, help="县（区）代码")
        parser.add_argument("--out", type=Path, required=True, help="输出文件；以 .gz 结尾时压缩")
        parser.add_argument("--from", type=int, default=1, dest="from_seq", metavar="批次", help="从第几批开始，默认1")

    def handle(self, *, county: int, out: Path, from_seq: int, **options: Any) -> None:
        partial = out.with_name(out.name + ".partial")
        try:
            with gzip.open(partial, "wb") if out.suffix == ".gz" else partial.open("wb") as file:
                done = sealing.export(county, file, from_seq=from_seq)
            partial.replace(out)
        except OSError as error:
            raise CommandError(f"无法写入 {out}：{error.strerror}") from error
        finally:
            partial.unlink(missing_ok=True)
        trace.record(
            acting_user=None,
            action="foundation.export_trace",
            county=county,
            changes={"from_seq": from_seq, "last_seq": done.last_seq, "rows": done.rows, "unsealed": done.unsealed},
        )
        self.stdout.write(
            f"已导出批次 {done.batches}，已封存 {done.rows} 行，未封存 {done.unsealed} 行；"
            f"请另行抄存链头 {done.last_seq}:{done.head.hex()}"
        )
