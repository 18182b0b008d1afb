"""Fail when a source file exceeds 400 lines or a function 60: long ones hide more than one idea.

Functions in tests and migrations are not counted; files there are, except migrations, which Django writes.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
SUFFIXES = {".py", ".ts", ".vue", ".js", ".mjs", ".css", ".html", ".sh", ".toml"}
SKIPPED_DIRS = {".git", ".venv", ".tools", "node_modules", "var", "dist", "staticfiles", "migrations", "__pycache__"}
BUILT_ASSETS = {Path("safegrid/console/static/console"), Path("safegrid/field/static/field")}


def source_files(root: Path) -> Iterator[Path]:
    """Every hand-written source file under ``root``, relative to it."""
    for folder, dirs, names in os.walk(root):
        here = Path(folder).relative_to(root)
        dirs[:] = sorted(d for d in dirs if d not in SKIPPED_DIRS and here / d not in BUILT_ASSETS)
        for name in sorted(names):
            if Path(name).suffix in SUFFIXES or name == "Makefile":
                yield here / name


def long_functions(path: Path, text: str) -> Iterator[str]:
    """A complaint for each function in ``text`` of more than ``MAX_FUNCTION_LINES`` lines."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION_LINES:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines (at most {MAX_FUNCTION_LINES})"


def main() -> int:
    """Check the checkout this file lies in; returns the process exit code."""
    root = Path(__file__).resolve().parent.parent
    complaints: list[str] = []
    for path in source_files(root):
        text = (root / path).read_text(encoding="utf-8")
        lines = text.count("\n")
        if lines > MAX_FILE_LINES:
            complaints.append(f"{path}: {lines} lines (at most {MAX_FILE_LINES})")
        if path.suffix == ".py" and "tests" not in path.parts:
            complaints.extend(long_functions(path, text))
    print("\n".join(complaints) if complaints else "file and function lengths: OK")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
