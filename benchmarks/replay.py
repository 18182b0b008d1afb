"""The replay of real inspections (``manage.py replay``), beside what the database alone takes for the rows it leaves."""

from __future__ import annotations

import re
from io import StringIO

from django.core.management import call_command
from django.db import connection

from benchmarks.bare import copy_rows, counts
from benchmarks.measure import Stopwatch, peak_mb
from benchmarks.report import Row

TARGET_SECONDS = 300
LEAST_ROWS = 1000


def replay(folder: str, limit: int) -> list[Row]:
    """Replay the first ``limit`` inspections, all with 0."""
    out, before = StringIO(), counts()
    with Stopwatch() as watch:
        call_command("replay", folder, limit=limit, stdout=out)
    said, peak = out.getvalue(), peak_mb()
    grown = [table for table, number in counts().items() if number - before[table] >= LEAST_ROWS]
    bare = copy_rows(grown)
    inspections = re.search(r"检查：读入 (\d+)", said)
    acts = re.search(r"([\d.]+) 个动作/秒", said)
    words = f"{inspections[1] if inspections else '?'} inspections, {connection.vendor}"
    target = None if limit else TARGET_SECONDS
    return [
        Row(words, watch.seconds, "s", f"bare insert of its {bare.rows:,} rows", bare.seconds, target,
            "county, import, replay, sealing, verification"),
        Row(f"{words}: acts", float(acts[1]) if acts else 0.0, "acts/s", "rows bare", bare.rate),
        Row(f"{words}: peak memory", peak, "MB"),
    ]  # fmt: skip
