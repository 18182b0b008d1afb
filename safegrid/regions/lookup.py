"""Places of a county as people write them in files: by code or by name."""

from __future__ import annotations

from collections import defaultdict

from safegrid.foundation.errors import InvalidInput
from safegrid.regions import selectors
from safegrid.regions.models import Level
from safegrid.regions.sources import shortened


class Places:
    """The towns and villages of a county, read once for each import."""

    def __init__(self, county: int) -> None:
        self.towns = {one.code: one.name for one in selectors.descendants(str(county), Level.TOWN)}
        self.villages = {one.code: one.name for one in selectors.descendants(str(county), Level.VILLAGE)}
        self._towns_named, self._villages_named = _by_name(self.towns), _by_name(self.villages)

    def town(self, written: str | None) -> str:
        """Return the code of a town written as code or name, "" for nothing; raise ``InvalidInput`` naming ``town``."""
        return _one(written, self.towns, self._towns_named, "town", "乡镇（街道）")

    def village(self, written: str | None, town: str = "") -> str:
        """Return the code of a village (of ``town``, where given); raise ``InvalidInput`` naming ``village``."""
        named = self._villages_named
        if written and town:
            named = {name: [c for c in codes if c.startswith(town)] for name, codes in named.items()}
        return _one(written, self.villages, named, "village", "村（社区）")

    def town_and_village(self, town: str | None, village: str | None) -> tuple[str, str]:
        """Return both codes; a village alone gives its town. Raise ``InvalidInput`` where they do not belong together."""
        of_town = self.town(town)
        of_village = self.village(village, of_town)
        if of_village and of_town and not of_village.startswith(of_town):
            raise InvalidInput({"village": f"{self.villages[of_village]}不属于{self.towns[of_town]}"})
        return of_town or of_village[:9], of_village


def _by_name(names: dict[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for code, name in names.items():
        found[name].append(code)
        short = name
        for ending in ("村民委员会", "居民委员会", "村委会", "居委会", "社区", "村"):
            if short.endswith(ending) and len(short) > len(ending) + 1:
                short = short.removesuffix(ending)
                found[short].append(code)
    return found


def _one(written: str | None, names: dict[str, str], named: dict[str, list[str]], field: str, what: str) -> str:
    given = (written or "").strip()
    if not given:
        return ""
    code = shortened(given)
    if code in names:
        return code
    short = given
    for ending in ("村民委员会", "居民委员会", "村委会", "居委会"):
        short = short.removesuffix(ending)
    codes = named.get(given) or named.get(short) or []
    if not codes:
        raise InvalidInput({field: f"本县没有{what}“{given}”"})
    if len(set(codes)) > 1:
        raise InvalidInput({field: f"本县有 {len(set(codes))} 个“{given}”，请改填代码，或补充所属乡镇"})
    return codes[0]
