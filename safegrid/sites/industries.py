"""Industry codes of GB/T 4754-2017: what is known, and whether a code may be used."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from safegrid.foundation import trace
from safegrid.foundation.cache import CountyCache
from safegrid.sites.models import Industry

CONTENT = Path(__file__).parent / "content" / "industries.json"
_WRITTEN = re.compile(r"[A-Ta-t]?(\d{2,4})")


@cache
def shipped() -> tuple[tuple[str, str, str], ...]:
    """Return the sections and divisions that come with the system: (code, name, parent)."""
    rows = json.loads(CONTENT.read_text(encoding="utf-8"))
    return tuple((row["code"], row["name"], row["parent"]) for row in rows)


@dataclass(frozen=True)
class Catalogue:
    """The names of industries by code, and how deep each division is known: (division, digits)."""

    names: dict[str, str]
    depths: frozenset[tuple[str, int]]


def _load(_: int) -> Catalogue:
    names = dict(Industry.objects.values_list("code", "name")) or {code: name for code, name, _ in shipped()}
    return Catalogue(names, frozenset((code[:2], len(code)) for code in names))


# Reference data, the same for every county: kept under the platform's key.
INDUSTRIES: CountyCache[Catalogue] = CountyCache("industries", _load)


def known() -> dict[str, str]:
    """Return the names of industries by code; the shipped ones where none were loaded."""
    return INDUSTRIES.get(trace.PLATFORM).names


def read_industry(written: str) -> str:
    """Return the digits of an industry code ("C2631" and "2631" are one); raise ``ValueError`` (Chinese) for a wrong one.

    Where the classification was loaded as far as groups or classes, the code must be in it; otherwise its division must be.
    """
    fits = _WRITTEN.fullmatch(written.strip())
    if fits is None:
        raise ValueError("行业代码应为 GB/T 4754-2017 的 2 至 4 位数字，如 2631")
    code, catalogue = fits[1], INDUSTRIES.get(trace.PLATFORM)
    names = catalogue.names
    if code in names:
        return code
    if code[:2] not in names:
        raise ValueError(f"行业大类 {code[:2]} 不在 GB/T 4754-2017 中")
    if (code[:2], len(code)) in catalogue.depths:
        raise ValueError(f"行业代码 {code} 不在 GB/T 4754-2017 中")
    return code


def name_of(code: str) -> str:
    """Return the name of an industry, of its nearest known ancestor where it is not loaded itself."""
    names = known()
    return next((names[code[:digits]] for digits in range(len(code), 1, -1) if code[:digits] in names), "")
