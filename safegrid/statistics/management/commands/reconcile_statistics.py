"""``manage.py reconcile_statistics [county …] [--mend]``: compare the summary tables with the rows, to the last case."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from safegrid.statistics import services


class Command(BaseCommand):
    help = "Say where sums and rows differ after what has changed was summed; exit with an error if they do."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("counties", nargs="*", type=int)
        parser.add_argument("--mend", action="store_true", help="sum anew what differs")

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for county in options["counties"] or services.counties():
            if options["mend"]:
                found = services.mend(county)
            else:
                services.keep(county, places=True)
                found = services.differences(county)
            wrong += len(found)
            self.stdout.write(f"{county}: {len(found)} differences")
            for line in found[:20]:
                self.stdout.write(f"  {line}")
        if wrong and not options["mend"]:
            raise CommandError(f"{wrong} sums differ from the rows")
