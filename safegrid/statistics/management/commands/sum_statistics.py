"""``manage.py sum_statistics [county …]``: bring the summary tables up to date now, without waiting for the queue."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from safegrid.statistics import services


class Command(BaseCommand):
    help = "Sum what has changed; the first time, everything."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("counties", nargs="*", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        for county in options["counties"] or services.counties():
            self.stdout.write(f"{county}: {services.keep(county, places=True)} days summed")
