"""The city's premises as a table of sites, imported like any county's register."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from demo.replay.city import COUNTY
from demo.replay.source import premises
from safegrid.foundation.tabular import ImportReport
from safegrid.sites.imports import import_sites

TITLES = ("编码", "名称", "类型", "行业代码", "风险等级", "地址", "经度", "纬度")
GRADES = {"1": "red", "2": "orange", "3": "yellow"}


def site_type(facility: str) -> tuple[str, str]:
    """Return the site type and the GB/T 4754 division of a facility type."""
    words = facility.lower()
    if any(word in words for word in ("school", "daycare", "children", "care", "hospital", "shelter", "church")):
        return "public_place", "83"
    if "grocery" in words or "store" in words or "gas station" in words:
        return "shop", "52"
    if "bakery" in words or "commissary" in words or "wholesale" in words:
        return "workshop", "14"
    return "enterprise", "62"


def bring_in(folder: Path, scratch: Path) -> tuple[ImportReport, int]:
    """Import every licensed premises, skipping what must be refused; return the report and how many rows went in."""
    table, rows = scratch / "premises.csv", 0
    with table.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(TITLES)
        for row in premises(folder):
            kind, industry = site_type(row["facility_type"])
            writer.writerow([row["license"], row["dba_name"] or row["license"], kind, industry, GRADES.get(row["risk"], "blue"),
                             row["address"], row["lon"], row["lat"]])  # fmt: skip
            rows += 1
    report = import_sites(acting_user=None, county=COUNTY, path=table, datum="wgs84", mode="skip_bad")
    return report, rows


def refused_licenses(report: ImportReport) -> dict[str, str]:
    """Return why each refused licence was refused."""
    return {
        str(values[TITLES[0]]): "；".join(problem.message for problem in problems)
        for _, values, problems in report.refused_rows()
    }


def crowds(folder: Path, least: int = 100) -> Counter[tuple[str, str]]:
    """Return the positions that at least so many licences share."""
    found = Counter((row["lon"], row["lat"]) for row in premises(folder) if row["lon"])
    return Counter({position: number for position, number in found.items() if number >= least})
