"""All divisions of the nation through ``regions.services.load_regions``, beside the same rows bare."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.db import connection

from benchmarks.bare import copy_rows
from benchmarks.measure import Stopwatch, peak_mb
from benchmarks.report import Row
from safegrid.regions import services, sources
from safegrid.regions.services import Node

TARGET_SECONDS = 60
MOST_REFUSED = 5  # the package names one county twice


def load(folder: str, limit: int = 0) -> list[Row]:
    """Load the divisions of a folder into an empty table; ``limit``: only the first so many."""
    nodes = _nodes(Path(folder))
    with Stopwatch() as watch:
        done = services.load_regions(islice(nodes, limit) if limit else nodes, source="benchmark")
    refused = len(done.refused or [])
    if done.read != done.added + refused or refused > MOST_REFUSED:
        raise RuntimeError(f"{done.read} read, {done.added} added, refused: {(done.refused or [])[:3]}")
    peak, bare = peak_mb(), copy_rows(["regions_region"])
    way = "COPY" if connection.vendor == "postgresql" else "executemany"
    words = f"{done.added:,} divisions, {connection.vendor}"
    with Stopwatch() as again:
        nodes = _nodes(Path(folder))
        services.load_regions(islice(nodes, limit) if limit else nodes, source="benchmark")
    return [
        Row(
            words,
            watch.seconds,
            "s",
            f"{way} of the same rows",
            bare.seconds,
            TARGET_SECONDS,
            f"peak {peak:.0f} MB; {refused} refused",
        ),
        Row(f"{words}: the same again, nothing to do", again.seconds, "s"),
    ]


def _nodes(folder: Path) -> Iterator[Node]:
    """Yield the divisions, upper levels first: an unpacked package, or CSV files (their names in this order)."""
    if (folder / "provinces.csv").exists():
        yield from sources.from_package(folder)
        return
    for path in sorted([*folder.glob("nbs*.csv"), *folder.glob("nbs*.csv.gz"), *folder.glob("nbs*.csv.xz")]):
        yield from sources.from_csv(path)
