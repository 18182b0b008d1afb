"""Labels in the language chosen: they are written in Chinese where they are made, and put into words where they are shown."""

from __future__ import annotations

import re
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeData
from django.utils.translation import get_language, gettext

HAN = re.compile(r"[\u4e00-\u9fff]")
# A label made of several, such as “复查：不合格” or “3 天”, is translated part by part; marks become Western ones.
JOINTS = re.compile(r"([：（）、，；。“”·—/|→\s]+|\d[\d.,:-]*%?)")
MARKS = str.maketrans({"：": ": ", "（": " (", "）": ")", "、": ", ", "，": ", ", "；": "; ", "。": ". "})
ENDS = {"从": " from", "至": " to", "图": " chart"}


def translated(value: Any, *, by_parts: bool = True) -> Any:
    """Return a label in the language of the request; what the catalogue does not know (names of places, people) stays.

    Anything but text, and text marked safe, comes back as it is. ``by_parts=False``: only what the catalogue knows as a whole,
    for values that may be data.
    """
    if not isinstance(value, (str, Promise)) or isinstance(value, SafeData):
        return value
    text = str(value)
    if (get_language() or "zh").startswith("zh") or not HAN.search(text):
        return text
    whole = gettext(text)
    if whole != text or not by_parts:
        return whole
    parts = [_part(part) for part in JOINTS.split(text)]
    return "".join(parts).strip() if any(not HAN.search(part) and part.strip(" :(),;.") for part in parts) else text


def _part(part: str) -> str:
    if not HAN.search(part):
        return part.translate(MARKS)
    if part[-1] in ENDS and gettext(part) == part and gettext(part[:-1]) != part[:-1]:
        return gettext(part[:-1]) + ENDS[part[-1]]
    return gettext(part)


def translated_choices(choices: Any) -> list[tuple[Any, Any]]:
    """Return (value, label) with the labels that the catalogue knows; names of places and people stay."""
    return [(value, translated(label, by_parts=False)) for value, label in choices]
