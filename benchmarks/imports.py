"""Files of sites through ``sites.imports.import_sites``, with the assignment to grids and departments that follows each batch;
beside the same rows written by nothing but the database."""

from __future__ import annotations

import csv
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time

from django.db import connection
from stdnum.cn import uscc

from benchmarks.bare import copy_rows, counts
from benchmarks.county import COUNTY, County, build
from benchmarks.measure import Stopwatch, peak_mb
from benchmarks.report import Row
from safegrid.foundation.tabular import write_workbook
from safegrid.sites.imports import import_sites

SEED = 7
HEADER = ("编码", "名称", "类型", "行业代码", "规模", "从业人数", "风险等级", "信用代码", "乡镇", "村", "地址", "经度",
          "纬度", "联系人", "联系电话")  # fmt: skip
KINDS = (("企业", "2631", "小型"), ("小商铺", "5212", "微型"), ("小作坊", "2031", "微型"), ("公共场所", "", "不适用"))


def import_file(rows: int, kind: str, target_seconds: float | None = None, most_mb: float | None = None) -> list[Row]:
    """Import one file of ``rows`` new sites; kind: "csv" or "xlsx"."""
    county = build()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"sites.{kind}"
        _in_child(county, path, rows)
        before, start = counts(), peak_mb()
        busy = process_time()
        with Stopwatch() as watch:
            report = import_sites(acting_user=None, county=COUNTY, path=path, datum="gcj02")
        peak, busy = peak_mb(), process_time() - busy
        if report.created != rows:
            raise RuntimeError(f"{report.created} of {rows} sites imported: {report.first_problems[:3]}")
    after = counts()
    grown = [table for table, number in after.items() if number - before[table] >= rows // 10]
    bare = copy_rows(grown)
    way = "COPY" if connection.vendor == "postgresql" else "executemany"
    size = f"{rows:,} sites, {kind}, {connection.vendor}"
    return [
        Row(size, watch.seconds, "s", f"{way} of the same {bare.rows:,} rows", bare.seconds, target_seconds,
            f"{rows / watch.seconds:,.0f} sites/s, {busy:.0f} s of Python; rows in {', '.join(grown)}"),
        Row(f"{size}: peak memory", peak, "MB", "before the import", start, most_mb),
    ]  # fmt: skip


def _in_child(county: County, path: Path, rows: int) -> None:
    """Write the file; kept apart because writing a workbook takes memory that is not the import's."""
    from multiprocessing import get_context

    connection.close()
    writer = get_context("fork").Process(target=_write, args=(county, path, rows))
    writer.start()
    writer.join()
    if writer.exitcode:
        raise RuntimeError("the file of sites could not be written")


def _write(county: County, path: Path, rows: int) -> None:
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow(HEADER)
            csv.writer(file).writerows(_sites(county, rows))
    else:
        write_workbook(path, HEADER, _sites(county, rows))


def _sites(county: County, rows: int) -> Iterator[list[str | int]]:
    rng = random.Random(SEED)
    for number in range(rows):
        village = rng.choice(county.villages)
        west, south, east, north = village.area.bounds
        kind, industry, scale = rng.choice(KINDS)
        base = f"91330521{number:09d}"
        yield [
            f"D{number:07d}", f"测算县第{number}号{kind}", kind, industry, scale, rng.randint(1, 300), "一般风险",
            base + uscc.calc_check_digit(base) if kind == "企业" else "", village.town, village.code, f"工业路{number}号",
            f"{rng.uniform(west, east):.6f}", f"{rng.uniform(south, north):.6f}", "张三", f"138{number % 10**8:08d}",
        ]  # fmt: skip
