"""Reading requests: texts that no database keeps and no page shows are refused by the name of their field."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser
from ninja.types import DictStrAny

from safegrid.foundation.errors import InvalidInput

# NUL cannot be stored by PostgreSQL, half a surrogate pair by nothing; the others come from broken devices. Lines and tabs stay.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
WORDS = "含不可见的控制字符，请删除后重新填写"


class CleanParser(Parser):
    """ninja's parser, which raises ``InvalidInput`` for control characters in a body, a form or a query."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        data = super().parse_body(request)
        refuse_unseen(data, "")
        return data

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> DictStrAny:
        for name, values in data.lists():
            refuse_unseen(values, name)
        return super().parse_querydict(data, list_fields, request)


def refuse_unseen(value: Any, name: str) -> None:
    """Raise ``InvalidInput`` where a text in ``value`` (JSON), called ``name``, holds control characters or half a letter."""
    if isinstance(value, str):
        if _UNSEEN.search(value):
            raise InvalidInput({_shown(name): WORDS})
    elif isinstance(value, dict):
        for key, part in value.items():
            refuse_unseen(key, name)
            refuse_unseen(part, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for part in value:
            refuse_unseen(part, name)


def _shown(name: str) -> str:
    return _UNSEEN.sub("", name) or "body"
