"""What a scenario is worked out with: norms, speeds, hours, borders, exceptions; read from JSON and checked, in Chinese."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any
from uuid import UUID

from safegrid.foundation.errors import InvalidInput

NESTINGS = {"village": "不跨村（社区）", "town": "不跨乡镇"}
SHAPES = {"borders": "网格间边界短", "both": "边界与路程兼顾", "ways": "到网格中心的路程短"}
# The share of short ways beside short borders (`gridplan.work.Params`).
WAYS = {"borders": 0.0, "both": 0.5, "ways": 1.0}
TRAVELS = {"walking": "步行", "bicycle": "自行车", "motor": "电动车或汽车"}
SPEEDS = {"walking": 4.5, "bicycle": 12.0, "motor": 25.0}  # km/h inside a village, stops included
VILLAGE, TOWN = re.compile(r"\d{12}"), re.compile(r"\d{9}")


@dataclass(frozen=True)
class Norm:
    """Visits a year and minutes a visit of a site type at a risk grade."""

    site_type: str
    risk_grade: str
    visits_a_year: float
    minutes: float


@dataclass(frozen=True)
class Exclusion:
    """A site left out of grid work in this scenario, with the reason."""

    site_id: UUID
    reason: str


@dataclass(frozen=True)
class Relaxation:
    """Villages of one town whose common border grids may cross, with the reason."""

    villages: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class CodeRule:
    """Codes are the 12 digits of the village (of the town with three zeros where several) and a running number: 12+2, 12+3 …"""

    digits: int = 2
    separator: str = ""

    @property
    def shown(self) -> str:
        return f"12{self.separator or '+'}{self.digits}"


@dataclass(frozen=True)
class Parameters:
    """``norms`` are a snapshot of the handbook's, so that a scenario stays what it was. Hours are those left for visits."""

    norms: tuple[Norm, ...] = ()
    travel: str = "bicycle"
    speed_kmh: float = 12.0
    hours_full_time: float = 1200.0
    hours_part_time: float = 500.0
    tolerance: float = 0.10
    nesting: str = "village"
    shape: str = "borders"
    relaxations: tuple[Relaxation, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    locked_grids: tuple[UUID, ...] = ()
    code_rule: CodeRule = field(default_factory=CodeRule)
    seconds: float = 60.0
    seed: int = 1
    price: float = 2.0  # of re-planning: metres of border that one moved minute a year must save

    @property
    def capacity(self) -> float:
        """Minutes a year that a full-time member has for one grid."""
        return self.hours_full_time * 60

    def as_json(self) -> dict[str, Any]:
        """Return what ``read`` reads back."""
        found = asdict(self)
        found["exclusions"] = [{"site_id": str(one.site_id), "reason": one.reason} for one in self.exclusions]
        found["locked_grids"] = [str(one) for one in self.locked_grids]
        found["relaxations"] = [{"villages": list(one.villages), "reason": one.reason} for one in self.relaxations]
        found["norms"] = [asdict(one) for one in self.norms]
        return found


RANGES: dict[str, tuple[float, float, str]] = {
    "speed_kmh": (1, 60, "行进速度应在 1–60 千米/小时之间"),
    "hours_full_time": (50, 3000, "专职网格员全年巡查工时应在 50–3000 小时之间"),
    "hours_part_time": (20, 3000, "兼职网格员全年巡查工时应在 20–3000 小时之间"),
    "tolerance": (0.001, 1, "允许偏差应在 0.1%–100% 之间"),
    "seconds": (1, 1800, "计算时间应在 1–1800 秒之间"),
    "seed": (0, 2**31 - 1, "随机种子应为非负整数"),
    "price": (0, 1e6, "调整代价应为不小于 0 的数"),
}


def read(given: Mapping[str, Any]) -> Parameters:
    """Return the parameters that JSON gives; what is left out keeps its default. Raises ``InvalidInput`` by field."""
    problems = {name: "没有这个参数" for name in given if name not in {one.name for one in fields(Parameters)}}
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name in problems:
            continue
        try:
            values[name] = _READERS[name](value) if name in _READERS else _number(name, value)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            problems[name] = str(error) if isinstance(error, _Wrong) else "格式不正确"
    if "travel" in values and "speed_kmh" not in given:
        values["speed_kmh"] = SPEEDS[values["travel"]]
    if not problems:
        made = Parameters(**values)
        if made.hours_part_time > made.hours_full_time:
            problems["hours_part_time"] = "兼职工时不能多于专职工时"
    if problems:
        raise InvalidInput(problems)
    return made


class _Wrong(ValueError):
    """What is wrong with a value, in Chinese."""


def _number(name: str, value: Any) -> float:
    low, high, words = RANGES[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise _Wrong(words)
    return int(value) if name == "seed" else float(value)


def _among(choices: Mapping[str, str], words: str) -> Any:
    def check(value: Any) -> str:
        if value not in choices:
            raise _Wrong(words)
        return str(value)

    return check


def _reason(value: Any) -> str:
    words = str(value or "").strip()
    if not words or len(words) > 200:
        raise _Wrong("请说明理由，不超过 200 字")
    return words


def _norms(value: Any) -> tuple[Norm, ...]:
    made = tuple(Norm(str(one["site_type"]), str(one["risk_grade"]), float(one["visits_a_year"]), float(one["minutes"]))
                 for one in value)  # fmt: skip
    if any(not (0 <= one.visits_a_year <= 400 and 0 <= one.minutes <= 1440) for one in made):
        raise _Wrong("每年巡查次数应在 0–400 之间，每次分钟数应在 0–1440 之间")
    if len({(one.site_type, one.risk_grade) for one in made}) != len(made):
        raise _Wrong("同一类型和风险等级的巡查标准重复")
    return made


def _relaxations(value: Any) -> tuple[Relaxation, ...]:
    made = tuple(
        Relaxation(tuple(sorted({str(v) for v in one["villages"]})), _reason(one.get("reason"))) for one in value
    )
    for one in made:
        if len(one.villages) < 2 or not all(VILLAGE.fullmatch(v) for v in one.villages):
            raise _Wrong("放宽村界至少要选两个村（社区）")
        if len({v[:9] for v in one.villages}) > 1:
            raise _Wrong("乡镇界不能放宽，所选村（社区）应属于同一乡镇")
    return made


def _exclusions(value: Any) -> tuple[Exclusion, ...]:
    made = tuple(Exclusion(UUID(str(one["site_id"])), _reason(one.get("reason"))) for one in value)
    if len({one.site_id for one in made}) != len(made):
        raise _Wrong("同一监管对象重复排除")
    return made


def _code_rule(value: Any) -> CodeRule:
    made = CodeRule(int(value.get("digits", 2)), str(value.get("separator", "")))
    if not 2 <= made.digits <= 4 or made.separator not in ("", "-"):
        raise _Wrong("编码规则应为 12 位村（社区）代码加 2–4 位顺序号，中间可用短横线")
    return made


_READERS: dict[str, Any] = {
    "norms": _norms,
    "travel": _among(TRAVELS, "请选择出行方式"),
    "nesting": _among(NESTINGS, "请选择网格不得跨越的边界"),
    "shape": _among(SHAPES, "请选择划分侧重"),
    "relaxations": _relaxations,
    "exclusions": _exclusions,
    "locked_grids": lambda value: tuple(dict.fromkeys(UUID(str(one)) for one in value)),
    "code_rule": _code_rule,
}
