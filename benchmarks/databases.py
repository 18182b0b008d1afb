"""Throwaway databases: SQLite files, and databases on a PostgreSQL server of our own (or the one of DATABASE_URL)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = f"safegrid_bench_{os.getpid()}_template"


class Databases:
    """Hands out migrated, empty databases; ``close`` removes everything that it made.

    The server keeps PostgreSQL's own defaults, fsync included: figures of a server that may lose writes mean nothing.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="safegrid-bench-"))
        given = os.environ.get("DATABASE_URL", "")
        self._server_url = given if given.startswith(("postgres://", "postgresql://")) else ""
        self._cluster: Path | None = None
        self._made: list[str] = []
        self._has_template = False
        self._number = 0

    def make(self, kind: str) -> str:
        """Return the URL of a fresh database with every table; kind: "sqlite", "postgres" or "" for none needed."""
        self._number += 1
        if kind == "postgres":
            return self._postgres(f"safegrid_bench_{os.getpid()}_{self._number}")
        path = self.folder / f"{self._number}.sqlite3"
        if kind == "sqlite":
            template = self.folder / "template.sqlite3"
            if not template.exists():
                draft = self.folder / "draft.sqlite3"
                migrate(f"sqlite:///{draft}")
                draft.rename(template)
            shutil.copyfile(template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        """Remove a database that ``make`` made."""
        if url.startswith("sqlite"):
            for path in self.folder.glob(Path(urlsplit(url).path).name + "*"):
                path.unlink()
        else:
            self._drop(urlsplit(url).path.removeprefix("/"))

    def close(self) -> None:
        for name in reversed(self._made.copy()):
            self._drop(name)
        if self._cluster is not None:
            subprocess.run([ROOT / "tools/postgres.sh", "stop", self._cluster], check=False)
            shutil.rmtree(self._cluster, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _postgres(self, name: str) -> str:
        if not self._server_url:
            self._cluster = Path(tempfile.mkdtemp(prefix="safegrid-bench-postgres-"))
            start = [ROOT / "tools/postgres.sh", "start", self._cluster]
            self._server_url = subprocess.run(start, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        if not self._has_template:
            if TEMPLATE in self._made:  # left over from a migration that failed
                self._drop(TEMPLATE)
            self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
            self._made.append(TEMPLATE)
            migrate(self._url(TEMPLATE))
            self._has_template = True
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._execute(create.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
        self._made.append(name)
        return self._url(name)

    def _drop(self, name: str) -> None:
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self._made.remove(name)

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            connection.execute(statement)

    def _url(self, name: str) -> str:
        return urlunsplit(urlsplit(self._server_url)._replace(path=f"/{name}"))


def migrate(url: str) -> None:
    command = [sys.executable, "manage.py", "migrate", "--noinput", "-v", "0"]
    subprocess.run(command, cwd=ROOT, env=environment(url), check=True)


def environment(url: str, var: Path | None = None) -> dict[str, str]:
    """Return the environment of a process that works on the database: keys of its own where none are set."""
    local = {"SAFEGRID_SECRET_KEY": "benchmark", "SAFEGRID_DATA_KEY": "00" * 32, "SAFEGRID_HTTPS": "off"}
    fixed = {"DATABASE_URL": url, "SAFEGRID_SECOND_FACTOR": "on", "SAFEGRID_LOG_LEVEL": "ERROR",
             "DJANGO_SETTINGS_MODULE": "config.settings"}  # fmt: skip
    if var is not None:
        fixed["SAFEGRID_VAR_DIR"] = str(var)
    return {**local, **os.environ, **fixed}
