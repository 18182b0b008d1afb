"""The ceiling of an intake: pgbench writing the same rows by the same statements, with fresh ids and numbers each time."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from benchmarks.databases import ROOT

UUID = r"(?<![0-9a-f])[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}(?![0-9a-f])"
NUMBER = r"\d{6}-\d{6}-[0-9A-Z]{5}"
PLACES = re.compile(f"{UUID}|{NUMBER}")
LITERAL = re.compile(r"E'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'")


def script(statements: Sequence[str]) -> str:
    """Return a pgbench script of what one request wrote, as one transaction.

    An id that the request made up (an insert names it first) becomes a random one, the same in all its places; so does the
    case's number.
    """
    writes = [one for one in statements if one.startswith(("INSERT", "UPDATE"))]
    first: dict[str, str] = {}
    for statement in statements:
        for one in re.findall(UUID, statement):
            first.setdefault(one.replace("-", ""), statement)
    fresh = [one for one, statement in first.items() if statement.startswith("INSERT")]
    words = {one: f"lpad(to_hex(:a::bigint),8,'0')||'-{at:04x}-7000-8000-'||lpad(to_hex(:b::bigint),12,'0')"
             for at, one in enumerate(fresh)}  # fmt: skip
    words |= {one: f"'{one[:14]}'||lpad(to_hex(:a::bigint),8,'0')" for one in re.findall(NUMBER, " ".join(writes))}
    lines = ["\\set a random(0, 2147483647)", "\\set b random(0, 140737488355327)", "BEGIN;"]
    lines += [f"{_varied(one, words)};" for one in writes]
    return "\n".join([*lines, "COMMIT;", ""])


def _varied(statement: str, words: dict[str, str]) -> str:
    """Take every literal that holds an id or number of ``words`` apart and put its expression there."""

    def literal(found: re.Match[str]) -> str:
        start = "E'" if found.group().startswith("E") else "'"

        def place(one: re.Match[str]) -> str:
            expression = words.get(one.group().replace("-", "")) or words.get(one.group())
            return f"'||{expression}||{start}" if expression else one.group()

        varied = PLACES.sub(place, found.group())
        return found.group() if varied == found.group() else f"({varied})"

    return LITERAL.sub(literal, statement).replace("\n", " ")


def run(text: str, clients: int, seconds: int) -> list[float]:
    """Return the milliseconds of every transaction; [] where there is no pgbench on this machine."""
    program = _program()
    if program is None:
        return []
    given = settings.DATABASES["default"]
    environment = {**os.environ, "PGPASSWORD": given["PASSWORD"]}
    if libraries := sorted({str(path.parent) for path in (ROOT / ".tools/debian").glob("usr/lib/**/libpq.so*")}):
        environment["LD_LIBRARY_PATH"] = ":".join(libraries)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "intake.sql"
        path.write_text(text, encoding="utf-8")
        where = ["-h", given["HOST"], "-p", given["PORT"], "-U", given["USER"], given["NAME"]]
        options = ["-n", "-M", "simple", "-c", str(clients), "-j", "1", "-T", str(seconds), "-f", str(path), "-l"]
        done = subprocess.run([program, *options, *where], env=environment, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"pgbench: {done.stderr[-2000:]}")
        logs = [line.split() for log in Path(folder).glob("pgbench_log.*") for line in log.read_text().splitlines()]
    return [int(line[2]) / 1000 for line in logs]


def _program() -> str | None:
    places = sorted([*Path("/usr/lib/postgresql").glob("*/bin/pgbench"),
                     *(ROOT / ".tools/debian/usr/lib/postgresql").glob("*/bin/pgbench")])  # fmt: skip
    return shutil.which("pgbench") or (str(places[-1]) if places else None)
