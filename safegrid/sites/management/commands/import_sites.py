"""Import a table of sites from the command line, as the console does: counts, remarks, and the refused rows as a workbook."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from safegrid.foundation.errors import SafeGridError
from safegrid.foundation.tabular import TabularError
from safegrid.regions.datum import Datum
from safegrid.sites.imports import import_sites


class Command(BaseCommand):
    help = "Import sites into a county from an Excel or CSV file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("county", type=int)
        parser.add_argument("file")
        parser.add_argument("--datum", required=True, choices=[datum.value for datum in Datum])
        parser.add_argument("--skip-bad", action="store_true", help="import the good rows although others are refused")
        parser.add_argument("--dry-run", action="store_true", help="check everything, write nothing")
        parser.add_argument("--refused", help="where to write the refused rows (.xlsx)")

    def handle(self, *args: Any, **options: Any) -> None:
        with tqdm(unit=" rows", disable=None) as bar:

            def progress(rows: int) -> None:
                bar.update(rows - bar.n)

            try:
                report = import_sites(
                    acting_user=None,
                    county=options["county"],
                    path=options["file"],
                    datum=options["datum"],
                    mode="skip_bad" if options["skip_bad"] else "all_or_nothing",
                    dry_run=options["dry_run"],
                    progress=progress,
                )
            except (TabularError, SafeGridError, FileNotFoundError) as error:
                raise CommandError(str(error)) from error
        with report:
            self.stdout.write(report.summary())
            for words, rows in report.remarks.items():
                self.stdout.write(f"{words}：{rows} 行")
            for problem in report.first_problems[:20]:
                self.stderr.write(f"第 {problem.row} 行 {problem.column_title} {problem.message}")
            if options["refused"] and report.refused:
                report.write_refused_workbook(options["refused"])
            if not report.applied and not options["dry_run"]:
                raise CommandError("没有写入任何内容：请改正被拒的行，或使用 --skip-bad")
