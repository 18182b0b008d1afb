"""A scenario's parameters as fields of forms, and the forms' answers as changed parameters."""

from __future__ import annotations

from typing import Any

from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import FieldSpec
from safegrid.planning import selectors
from safegrid.planning.parameters import NESTINGS, SHAPES, TRAVELS, Parameters, read
from safegrid.regions import selectors as regions
from safegrid.sites import selectors as sites

GUESS = (
    "按村划分时网格不跨村（社区），通常要多用约 15% 的网格员；按乡镇划分更省人，但会拆分村。检查数据后显示本范围的代价"
)
MOST_NAMED = 5  # sites named where words fit several


def _now(scenario: Any) -> Parameters:
    return read(scenario.parameters)


def settings(scenario: Any) -> list[FieldSpec]:
    """Return the fields of the plain parameters, with what the scenario has."""
    now = _now(scenario)
    hours = {"kind": "number", "required": True}
    price_of_nesting = selectors.nesting_price(scenario)
    price = FieldSpec("price", "调整代价（米/分钟）", "number", required=True, initial=now.price, least=0,
                      help="每移动一分钟年工作量，至少要换来多少米更短的网格边界；越大越少动现有网格")  # fmt: skip
    return [
        FieldSpec("nesting", "网格不得跨越", "choice", required=True, choices=list(NESTINGS.items()), initial=now.nesting,
                  help=price_of_nesting.words if price_of_nesting else GUESS),
        FieldSpec("shape", "划分侧重", "choice", required=True, choices=list(SHAPES.items()), initial=now.shape,
                  help="边界短：网格外形规整；路程短：对象离网格中心近。兼顾通常只比前者多百分之几的边界"),
        FieldSpec("tolerance", "允许偏差（%）", "number", required=True, initial=round(now.tolerance * 100, 2), least=0.1,
                  most=100, help="各网格工作量与平均值之差的上限"),
        FieldSpec("travel", "出行方式", "choice", required=True, choices=list(TRAVELS.items()), initial=now.travel),
        FieldSpec("speed_kmh", "行进速度（千米/小时）", initial=now.speed_kmh, least=1, most=60, **hours),  # type: ignore[arg-type]
        FieldSpec("hours_full_time", "专职网格员全年巡查工时", initial=now.hours_full_time, least=50, most=3000, **hours),  # type: ignore[arg-type]
        FieldSpec("hours_part_time", "兼职网格员全年巡查工时", initial=now.hours_part_time, least=20, most=3000, **hours),  # type: ignore[arg-type]
        FieldSpec("digits", "网格编码顺序号位数", "integer", required=True, initial=now.code_rule.digits, least=2, most=4,
                  help="网格编码＝12 位村（社区）代码＋顺序号，自西向东、自北向南编排"),
        FieldSpec("separator", "编码分隔符", "choice", choices=[("-", "短横线")], initial=now.code_rule.separator, help="可不用"),
        *([price] if scenario.purpose == "improve" else []),
        FieldSpec("seconds", "最长计算时间（秒）", "number", required=True, initial=now.seconds, least=1, most=1800),
        FieldSpec("seed", "随机种子", "integer", required=True, initial=now.seed, least=0, help="数据、参数和种子相同，结果相同"),
    ]  # fmt: skip


def read_settings(_: Any, *, user: Actor, digits: int, separator: str, tolerance: Any, **fields: Any) -> dict[str, Any]:
    numbers = {
        name: float(fields.pop(name)) for name in list(fields) if name not in {"nesting", "shape", "travel", "seed"}
    }
    return {
        **fields, **numbers, "tolerance": float(tolerance) / 100,
        "code_rule": {"digits": digits, "separator": separator},
    }  # fmt: skip


def norms(scenario: Any) -> list[FieldSpec]:
    """Return two fields for each site type at each risk grade: visits a year, minutes a visit."""
    types, grades = dict(sites.SITE_TYPES), dict(sites.RISK_GRADES)
    specs = []
    for norm in _now(scenario).norms:
        of = f"{types.get(norm.site_type, norm.site_type)}·{grades.get(norm.risk_grade, norm.risk_grade)}"
        key = f"{norm.site_type}.{norm.risk_grade}"
        specs += [
            FieldSpec(f"visits.{key}", f"{of}：每年次数", "number", required=True, initial=norm.visits_a_year, least=0, most=400),
            FieldSpec(f"minutes.{key}", f"{of}：每次分钟", "number", required=True, initial=norm.minutes, least=0, most=1440),
        ]  # fmt: skip
    return specs


def read_norms(scenario: Any, *, user: Actor, **fields: Any) -> dict[str, Any]:
    made = []
    for norm in _now(scenario).norms:
        key = f"{norm.site_type}.{norm.risk_grade}"
        made.append({"site_type": norm.site_type, "risk_grade": norm.risk_grade,
                     "visits_a_year": float(fields[f"visits.{key}"]), "minutes": float(fields[f"minutes.{key}"])})  # fmt: skip
    return {"norms": made}


EXCLUDE = [
    FieldSpec("words", "监管对象", required=True, max_length=100, help="名称或编码；名称有重复时请填编码"),
    FieldSpec("reason", "理由", "textarea", required=True, max_length=200),
]


def exclude(scenario: Any, *, user: Actor, words: str, reason: str) -> dict[str, Any]:
    rows = sites.search(user, words).filter(county=scenario.county)
    if scenario.town:
        rows = rows.filter(town=scenario.town)
    found = list(rows.order_by("id")[: MOST_NAMED + 1])
    exact = [one for one in found if words in {one.code, one.name}]
    if len(exact) == 1:
        found = exact
    if not found:
        raise InvalidInput({"words": "划分范围内没有这个监管对象，请核对名称或编码"})
    if len(found) > 1:
        named = "、".join(f"{one.name}（{one.code}）" for one in found[:MOST_NAMED])
        raise InvalidInput({"words": f"找到不止一个：{named}，请填写编码"})
    kept = _now(scenario).as_json()["exclusions"]
    return {"exclusions": [*kept, {"site_id": str(found[0].id), "reason": reason}]}


def excluded(scenario: Any) -> list[FieldSpec]:
    chosen = _now(scenario).exclusions
    names = sites.names_of(scenario.county, [one.site_id for one in chosen])
    choices = [(str(one.site_id), f"{names.get(one.site_id, one.site_id)}（{one.reason}）") for one in chosen]
    return [FieldSpec("site_ids", "恢复纳入划分", "choices", required=True, choices=choices)]


def include(scenario: Any, *, user: Actor, site_ids: list[str]) -> dict[str, Any]:
    return {"exclusions": [one for one in _now(scenario).as_json()["exclusions"] if one["site_id"] not in site_ids]}


def villages(scenario: Any) -> list[FieldSpec]:
    towns = [scenario.town] if scenario.town else [row.code for row in regions.children(str(scenario.county))]
    choices = [(row.code, row.name if scenario.town else f"{regions.name_of(town)} {row.name}")
               for town in towns for row in regions.children(town)]  # fmt: skip
    return [
        FieldSpec(
            "villages", "可以合划网格的村（社区）", "choices", required=True, choices=choices, help=_price(scenario)
        ),
        FieldSpec("reason", "理由", "textarea", required=True, max_length=200),
    ]


def _price(scenario: Any) -> str:
    """Return what village borders cost as things stand: who relaxes one sees for what."""
    if not selectors.has_units(scenario):
        return "村界的代价要先检查数据才算得出"
    price = selectors.nesting_price(scenario)
    return f"现在村界的代价——{price.words}" if price else ""


def relax(scenario: Any, *, user: Actor, villages: list[str], reason: str) -> dict[str, Any]:
    return {"relaxations": [*_now(scenario).as_json()["relaxations"], {"villages": villages, "reason": reason}]}


def relaxed(scenario: Any) -> list[FieldSpec]:
    rows = _now(scenario).relaxations
    names = regions.names_of({code for one in rows for code in one.villages})
    choices = [(str(number), f"{'、'.join(names.get(code, code) for code in one.villages)}（{one.reason}）")
               for number, one in enumerate(rows)]  # fmt: skip
    return [FieldSpec("numbers", "恢复村界", "choices", required=True, choices=choices)]


def unrelax(scenario: Any, *, user: Actor, numbers: list[str]) -> dict[str, Any]:
    kept = _now(scenario).as_json()["relaxations"]
    return {"relaxations": [one for number, one in enumerate(kept) if str(number) not in numbers]}


def lockable(user: Actor, scenario: Any) -> list[FieldSpec]:
    locked = [str(one) for one in _now(scenario).locked_grids]
    choices = [(str(grid_id), name) for grid_id, name in selectors.lockable_grids(user, scenario)]
    return [FieldSpec("grids", "保留的网格", "choices", choices=choices, initial=locked)]


def lock(_: Any, *, user: Actor, grids: list[str]) -> dict[str, Any]:
    return {"locked_grids": grids}
