from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from safegrid.cases import diagram


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Write docs/cases-workflow.md from the table of the case workflow."

    def handle(self, *args: Any, **options: Any) -> None:
        target = settings.BASE_DIR / "docs" / "cases-workflow.md"
        target.write_text(diagram.page(), encoding="utf-8")
        self.stdout.write(f"{target.relative_to(settings.BASE_DIR)} written")
