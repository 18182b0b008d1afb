from __future__ import annotations

import os
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from safegrid.foundation import queue
from safegrid.foundation.supervisor import Child, Supervisor
from safegrid.foundation.webserver import WebServer


class Command(BaseCommand):
    help = "启动整套服务：网站、后台任务、留痕封存；任一进程退出会自动重启，Ctrl-C 全部停止"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", nargs="?", default="127.0.0.1:8000", help="监听地址，默认 127.0.0.1:8000")
        parser.add_argument("--bind", default="", help="同上，优先于位置参数")
        parser.add_argument(
            "--processes", type=int, default=0, help="网站进程数；SQLite 固定为 1，PostgreSQL 默认为 CPU 数"
        )

    def handle(self, *, address: str, bind: str, processes: int, **options: Any) -> None:
        address = bind or address
        _refuse_old_database()
        if _static_files_are_stale():
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        queue.ensure_schedules()
        released = queue.release_orphans()
        if released:
            self.stdout.write(f"上次中断的后台任务 {released} 个，将重新执行")
        if connection.vendor == "sqlite":
            processes = 1
        connections.close_all()
        self.stdout.write(f"安全网格 SafeGrid：http://{address}/ （Ctrl-C 停止）")
        self.stdout.flush()
        Supervisor(children(address, processes or os.cpu_count() or 1)).run()


def children(address: str, processes: int) -> list[Child]:
    """Return the parts of one installation: web server, queue worker, sequencer of the trace."""
    return [
        Child("web", WebServer(address, processes).run),
        Child("worker", partial(call_command, "qcluster")),
        Child("sequencer", partial(call_command, "seal_trace")),
    ]


def _refuse_old_database() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("数据库结构不是最新，请先运行：manage.py migrate")


def _static_files_are_stale() -> bool:
    """Return whether a source file is newer than what was collected."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.is_file():
        return True
    collected = manifest.stat().st_mtime
    found = (storage.get_modified_time(name) for finder in get_finders() for name, storage in finder.list([]))
    return any(moment.timestamp() > collected for moment in found)
