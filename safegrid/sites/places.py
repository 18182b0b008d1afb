"""Towns and villages of a county as people write them in tables: by code, by name, with or without its ending."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from safegrid.regions import selectors as regions

_ENDINGS = re.compile(r"(居民委员会|居委会|村民委员会|村委会|民委员会)$")
_KINDS = re.compile(r"(村|社区|街道办事处|街道|镇|乡)$")


class PlaceError(ValueError):
    """Not a place of the county; ``column`` is the field at fault, the message Chinese."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def _core(name: str) -> str:
    """对河口村民委员会 → 对河口"""
    name = _ENDINGS.sub("", name.replace("村民委员会", "村").replace("居民委员会", ""))
    return _KINDS.sub("", name) or name


@dataclass
class Places:
    """The towns and villages of one county, looked up by code or by name. Made once for each import."""

    county: int
    codes: frozenset[str] = frozenset()
    towns: dict[str, set[str]] = field(default_factory=dict)
    villages: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, county: int) -> Places:
        made = cls(county, regions.codes_of_county(county))
        for index, digits in ((made.towns, 9), (made.villages, 12)):
            for region in regions.descendants(str(county), regions.DIGITS[digits]):
                for name in {region.name, _core(region.name)}:
                    index.setdefault(name, set()).add(region.code)
        return made

    def find(self, town: str, village: str) -> tuple[str, str]:
        """Return the codes of a town and a village (either may be empty, not both); raise ``PlaceError``."""
        if not town and not village:
            raise PlaceError("town", "请填写乡镇（街道）或村（社区）")
        town_code = self._one("town", town, self.towns, 9) if town else ""
        if not village:
            return town_code, ""
        village_code = self._one("village", village, self.villages, 12, town_code)
        return village_code[:9], village_code

    def _one(self, column: str, written: str, index: dict[str, set[str]], digits: int, inside: str = "") -> str:
        label = "乡镇（街道）" if digits == 9 else "村（社区）"
        if written.isdigit():
            code = written[:9] if digits == 9 and len(written) == 12 and written.endswith("000") else written
            if len(code) != digits or code not in self.codes:
                raise PlaceError(column, f"本县没有代码为 {written} 的{label}")
            if not code.startswith(inside):
                raise PlaceError(column, f"{written} 不在所填的乡镇内")
            return code
        exact = {code for code in index.get(written, ()) if code.startswith(inside)}
        found = exact or {code for code in index.get(_core(written), ()) if code.startswith(inside)}
        if not found:
            where = "所填乡镇内" if inside else "本县"
            raise PlaceError(column, f"{where}没有名为“{written}”的{label}")
        if len(found) > 1:
            raise PlaceError(column, f"名为“{written}”的{label}不止一个，请填写代码或同时填写乡镇")
        return found.pop()
