from __future__ import annotations

import logging
import signal
from argparse import ArgumentParser
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections

from safegrid.foundation import sealing

log = logging.getLogger(__name__)


class Command(BaseCommand):
    requires_system_checks = []  # the trace is served also where pages are broken
    help = "封存各县的留痕：每隔几秒把新写入的留痕编入链式批次，直到收到停止信号"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=float, default=2.0, metavar="秒", help="两次封存之间的秒数，默认2秒")
        parser.add_argument("--once", action="store_true", help="只封存一次，不循环")

    def handle(self, *, every: float, once: bool, **options: Any) -> None:
        if once:
            self.stdout.write(f"已封存 {sealing.seal_all()} 条留痕")
            return
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            close_old_connections()
            try:
                sealing.seal_all()
            except Error:  # the database is away, or busy for longer than it may be: the next round tries again
                log.exception("sealing failed")
            stop.wait(every)
