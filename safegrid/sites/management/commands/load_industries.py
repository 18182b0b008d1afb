"""Load the classification of industries: the shipped sections and divisions, or the full list from a file."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from safegrid.foundation.tabular import TabularError
from safegrid.sites.imports import import_industries
from safegrid.sites.services import load_industries


class Command(BaseCommand):
    help = "Load GB/T 4754-2017: sections and divisions as shipped, or the full list from an Excel or CSV file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="columns 代码, 名称 and, if you like, 上级代码")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["file"]:
            self.stdout.write(f"industries known: {load_industries(acting_user=None)}")
            return
        try:
            report = import_industries(acting_user=None, path=options["file"])
        except (TabularError, FileNotFoundError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(report.summary())
        for problem in report.first_problems:
            self.stderr.write(f"{problem.row}: {problem.column_title} {problem.message}")
        if not report.applied:
            raise CommandError("nothing was loaded")
