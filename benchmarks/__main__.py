"""``python -m benchmarks [NAME …] [--size small|full]``: measures, prints tables, keeps them in benchmarks/results."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.databases import ROOT, Databases, environment
from benchmarks.plan import BENCHMARKS, SIZES, Part
from benchmarks.report import Row, markdown, plain

RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Run what was asked for; return how many parts failed."""
    options = _options()
    databases, sections, failed = Databases(), [_machine(options.size)], 0
    try:
        for name in options.names or BENCHMARKS:
            benchmark = BENCHMARKS[name]
            parts: list[Part] = getattr(benchmark, options.size)
            if not parts:
                print(f"\n{benchmark.title}: not run, needs {benchmark.needs}")
                continue
            rows: list[Row] = []
            for part in parts:
                found = _run(databases, benchmark.module, part)
                failed += found is None
                rows += found or []
            print(plain(benchmark.title, rows), flush=True)
            sections.append(markdown(benchmark.title, rows))
    finally:
        databases.close()
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC):%Y-%m-%d-%H%M}-{options.size}.md"
    path.write_text("\n".join(sections), encoding="utf-8")
    print(f"\n{path.relative_to(ROOT)}")
    return failed


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--size", choices=SIZES, default="small", help="full is what the targets are about")
    options = parser.parse_args()
    for name in options.names:
        if name not in BENCHMARKS:
            parser.error(f"no benchmark named {name}")
    return options


def _run(databases: Databases, module: str, part: Part) -> list[Row] | None:
    """Return what a part found, None where it failed (its messages are on the terminal)."""
    words = ", ".join(f"{key}={value}" for key, value in part.options.items() if key != "folder")
    print(f"… {module}.{part.function} {part.database} {words}", file=sys.stderr, flush=True)
    try:
        url, began = databases.make(part.database), time.monotonic()
    except subprocess.CalledProcessError as error:
        print(f"  no database: {error}", file=sys.stderr)
        return None
    out, var = databases.folder / "rows.json", databases.folder / "var"
    out.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.child", module, part.function, json.dumps(part.options), str(out)]
    try:
        subprocess.run(command, cwd=ROOT, env=environment(url, var), check=False)
    finally:
        databases.drop(url)
    print(f"  {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return [Row(**row) for row in json.loads(out.read_text(encoding="utf-8"))] if out.exists() else None


def _machine(size: str) -> str:
    load = os.getloadavg()[0]
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())  # fmt: skip
    return (
        f"# Benchmarks, size {size}\n\n{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {os.cpu_count()} cores, {model} · "
        f"Python {platform.python_version()} · load at the start {load:.1f}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
