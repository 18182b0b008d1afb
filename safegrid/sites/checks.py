"""What the values of a site must be, for every way in which they come: forms, the API, change requests, files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from stdnum.cn import uscc

from safegrid.foundation.errors import InvalidInput
from safegrid.regions import selectors as regions
from safegrid.regions.datum import CoordinateError, Datum, looks_swapped, to_wgs84
from safegrid.sites.industries import read_industry
from safegrid.sites.models import RiskGrade, Scale, Site, SiteType
from safegrid.sites.opening import read_opening_hours

CHANGEABLE = ("name", "site_type", "industry", "scale", "employees", "risk_grade", "credit_code", "town", "village",
              "address", "opening_hours", "longitude", "latitude", "declared_datum")  # fmt: skip
MOVING = frozenset({"longitude", "latitude", "town", "village"})
RECLASSIFYING = frozenset({"site_type", "industry", "town", "village", "status"})
MOST_EMPLOYEES = 2_000_000
PLACES = 7  # decimals of a degree: a centimetre
_LENGTHS = {"name": 200, "address": 200}
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}", re.ASCII)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f]")


def check_credit_code(written: str) -> str:
    """Return a unified social credit code without separators; raise ``ValueError`` (Chinese) for a wrong one.

    The check character is python-stdnum's; its ``validate`` is not used since it knows digits only for the registering
    authority, where GB 32100-2015 has letters too (Y: others, N: rural collectives).
    """
    code = written if _CREDIT_CODE.fullmatch(written) else uscc.compact(written)
    if len(code) != 18:
        raise ValueError("统一社会信用代码长度应为 18 位")
    if not _CREDIT_CODE.fullmatch(code):
        raise ValueError("统一社会信用代码格式不对，应为 18 位数字和大写字母（不含 I、O、S、V、Z）")
    if uscc.calc_check_digit(code[:-1]) != code[-1]:
        raise ValueError("统一社会信用代码校验位不对，请核对是否抄错")
    return code


def clean(county: int, given: Mapping[str, Any], *, before: Site | None = None) -> dict[str, Any]:
    """Return the changeable values among ``given`` as they are stored, the position in WGS 84.

    ``given`` may hold ``datum`` with ``longitude`` and ``latitude``: what they come in, which is never guessed.
    ``before`` is the site they would change; without it they are to make a new one. Raises ``InvalidInput``.
    """
    problems: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, read in _READERS.items():
        if name not in given:
            continue
        try:
            values[name] = read(given[name])
        except ValueError as error:
            problems[name] = str(error)
    unknown = set(given) - set(_READERS) - {"town", "village", "longitude", "latitude", "datum"}
    problems |= dict.fromkeys(unknown, "没有这个字段，或不能这样修改")
    if before is None:
        problems |= {name: words for name, words in _REQUIRED.items() if not given.get(name) and name not in problems}
    values |= _place(county, given, before, problems)
    values |= _position(given, problems)
    if problems:
        raise InvalidInput(problems)
    return values


def _text(name: str, label: str) -> Callable[[Any], str]:
    def read(given: Any) -> str:
        words = str(given or "").strip()
        if len(words) > _LENGTHS[name]:
            raise ValueError(f"{label}不能超过 {_LENGTHS[name]} 字")
        if _UNSEEN.search(words):
            raise ValueError(f"{label}含不可见的控制字符，请删除后重新填写")
        if name == "name" and not words:
            raise ValueError("请填写名称")
        return words

    return read


def _one_of(choices: type[Any], label: str) -> Callable[[Any], str]:
    def read(given: Any) -> str:
        if given not in choices.values:
            raise ValueError(f"{label}应为其中之一：{'、'.join(str(words) for words in choices.labels)}")
        return str(given)

    return read


def _employees(given: Any) -> int | None:
    if given in (None, ""):
        return None
    try:
        number = int(str(given))
    except ValueError:
        raise ValueError("从业人数应为整数") from None
    if not 0 <= number <= MOST_EMPLOYEES:
        raise ValueError(f"从业人数应在 0 到 {MOST_EMPLOYEES} 之间")
    return number


_READERS: dict[str, Callable[[Any], Any]] = {
    "name": _text("name", "名称"),
    "site_type": _one_of(SiteType, "类型"),
    "industry": lambda given: read_industry(str(given)) if given else "",
    "scale": _one_of(Scale, "规模"),
    "employees": _employees,
    "risk_grade": _one_of(RiskGrade, "风险等级"),
    "credit_code": lambda given: check_credit_code(str(given)) if given else "",
    "address": _text("address", "地址"),
    "opening_hours": read_opening_hours,
}
_REQUIRED = {"name": "请填写名称", "site_type": "请选择类型"}


def _place(county: int, given: Mapping[str, Any], before: Site | None, problems: dict[str, str]) -> dict[str, str]:
    """A village brings its town along; a town without a village clears the village of another town."""
    if before is not None and not {"town", "village"} & set(given):
        return {}
    old_town, old_village = (before.town, before.village) if before else ("", "")
    village = str(given.get("village", old_village if "town" not in given else "") or "")
    town = str(given.get("town") or village[:9] or old_town)
    if "town" in given and "village" not in given and before and town == old_town:
        village = old_village
    known = regions.codes_of_county(county)
    if not town:
        problems["town"] = "请选择乡镇（街道）"
    elif len(town) != 9 or town not in known:
        problems["town"] = f"{town} 不是本县的乡镇代码（9 位）"
    if village and (len(village) != 12 or village not in known):
        problems["village"] = f"{village} 不是本县的村（社区）代码（12 位）"
    elif village and not village.startswith(town):
        problems["village"] = "村（社区）不在所选的乡镇内"
    return {"town": town, "village": village}


def _position(given: Mapping[str, Any], problems: dict[str, str]) -> dict[str, Any]:
    if not {"longitude", "latitude"} & set(given):
        return {}
    pair = given.get("longitude"), given.get("latitude")
    if pair == (None, None) or pair == ("", ""):
        return {"longitude": None, "latitude": None, "declared_datum": ""}
    if None in pair or "" in pair:
        problems["longitude"] = "经度和纬度须同时填写"
        return {}
    try:
        longitude, latitude = (float(str(one)) for one in pair)
        datum = Datum(given.get("datum") or "")
    except ValueError:
        name, words = (
            ("datum", "请选择坐标系；系统不猜测坐标系") if _numbers(pair) else ("longitude", "经纬度应为十进制度数")
        )
        problems[name] = words
        return {}
    try:
        position = convert(longitude, latitude, datum)
    except CoordinateError as error:
        problems["longitude"] = str(error)
        return {}
    return {"longitude": position[0], "latitude": position[1], "declared_datum": datum.value}


def _numbers(pair: tuple[Any, Any]) -> bool:
    try:
        return all(float(str(one)) == float(str(one)) for one in pair)
    except ValueError:
        return False


def convert(longitude: float, latitude: float, datum: Datum) -> tuple[float, float]:
    """Return a position in WGS 84 as it is stored; raise ``CoordinateError`` for what cannot be, or looks exchanged."""
    if looks_swapped(longitude, latitude):
        raise CoordinateError(f"经纬度可能填反：经度 {longitude:g}，纬度 {latitude:g}")
    x, y = to_wgs84(longitude, latitude, datum)
    return round(x, PLACES), round(y, PLACES)
