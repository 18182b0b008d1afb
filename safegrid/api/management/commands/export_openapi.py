from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from safegrid.api.urls import api

PREFIX = "api/v1/"


class Command(BaseCommand):
    help = "输出 API 契约（OpenAPI）；快照在 tests/contract/openapi.json"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", nargs="?", type=Path, help="写入的文件；省略则输出到屏幕")

    def handle(self, *, path: Path | None, **options: Any) -> None:
        if path is None:
            self.stdout.write(contract())
        else:
            path.write_text(contract(), encoding="utf-8")


def contract() -> str:
    """Return the API's contract as text that changes only when the contract does."""
    schema = api.get_openapi_schema(path_prefix=PREFIX)
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
