"""One part of a benchmark in a process of its own, so that memory and caches are its own: called by ``__main__``."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

import django


def main(module: str, function: str, options: str, out: str) -> None:
    """Write what the part found, as JSON, to the file ``out``."""
    django.setup()
    part = getattr(importlib.import_module(f"benchmarks.{module}"), function)
    rows = part(**json.loads(options))
    Path(out).write_text(json.dumps([asdict(row) for row in rows]), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
