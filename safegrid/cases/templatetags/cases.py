"""What the templates of cases share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def named(names: Mapping[Any, str], key: Any) -> str:
    """Return the name kept under an id; "" where there is none."""
    return names.get(key, "")
