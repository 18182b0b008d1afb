"""Sheets about coverage: who has grids, members, officers and departments, what is not covered, risk, and members' work."""

from __future__ import annotations

from safegrid.foundation import clock
from safegrid.statistics.gathering import uncovered_villages
from safegrid.statistics.measures import PLACES
from safegrid.statistics.reading import Counts
from safegrid.statistics.sheets.asked import Asked
from safegrid.statistics.sheets.shape import Chart, Column, Line, Sheet, Value, share

RISKS = (("red", "重大风险"), ("orange", "较大风险"), ("yellow", "一般风险"), ("blue", "低风险"))
# What is lacking, of what: (figure, of which, what it is to be, label of the gap).
GAPS = (
    ("villages_uncovered", "villages", "村（社区）有网格", "没有网格的村（社区）"),
    ("grids_without_member", "grids", "网格有人负责", "无人负责的网格"),
    ("grids_lacking_officers", "grids", "网格责任人、联系人齐全", "责任人或联系人不全的网格"),
    ("sites_without_grid", "sites_for_grids", "对象已划入网格", "未划入网格的监管对象"),
    ("sites_without_member", "sites_for_grids", "对象所在网格有人", "所在网格无人负责的监管对象"),
    ("sites_without_department", "sites", "对象有主管部门", "没有主管部门的监管对象"),
    ("sites_not_visited", "sites_with_norm", "对象按频次走访", "未按频次走访的监管对象"),
)


def _lacking(counts: Counts, name: str) -> int:
    if name == "villages_uncovered":
        return counts["villages"] - counts["villages_covered"]
    return counts[name]


def uncovered(asked: Asked) -> Sheet:
    """What is not covered yet, each gap with how much of the whole is covered, now, a month and a year ago."""
    now, then = asked.here
    month, year = asked.period.a_month_before().until, asked.period.a_year_before().until
    lines = []
    for name, of, label, gap in GAPS:
        values: dict[str, Value] = {"lacking": _lacking(now, name), "whole": now[of]}
        for key, counts in (("covered", now), ("month", then.get(month)), ("year", then.get(year))):
            values[key] = share(counts[of] - _lacking(counts, name), counts[of]) if counts else None
        lines.append(Line(name, label, values, asked.place, "gap", name, words=f"未覆盖：{gap}"))
    columns = (
        Column("lacking", "未覆盖", drill="gap", tone="red"),
        Column("whole", "总数"),
        Column("covered", "覆盖率", "percent", tone="green"),
        Column("month", "上月同日", "percent"),
        Column("year", "去年同日", "percent"),
    )
    note = "现在的情况，不随所选时段变化；上月、去年同日没有留存的显示为“—”。"
    return Sheet("uncovered", "覆盖率", "项目", columns, lines, Chart("flat", ("covered",)), note)


def coverage(asked: Asked) -> Sheet:
    """Coverage of each part of the place: its grids and members, its sites and who answers for them."""
    nothing = dict.fromkeys(PLACES, 0)

    def values(counts: Counts | None) -> dict[str, Value]:
        given = counts or nothing
        found: dict[str, Value] = {name: given[name] for name in ("villages", "grids", "sites", "sites_direct")}
        for name, *_ in GAPS:
            found[name] = _lacking(given, name)
        whole = given["sites_for_grids"]
        found["covered"] = share(whole - given["sites_without_grid"] - given["sites_without_member"], whole)
        found["visited"] = share(given["sites_with_norm"] - given["sites_not_visited"], given["sites_with_norm"])
        return found

    columns = (
        Column("villages", "村（社区）"),
        Column("villages_uncovered", "无网格的村", drill="villages_uncovered"),
        Column("grids", "网格"),
        Column("grids_without_member", "无人负责", drill="grids_without_member"),
        Column("grids_lacking_officers", "责任人不全", drill="grids_lacking_officers"),
        Column("sites", "监管对象", drill="sites"),
        Column("sites_direct", "直接监管", drill="sites_direct"),
        Column("sites_without_grid", "未入网格", drill="sites_without_grid"),
        Column("sites_without_member", "无网格员", drill="sites_without_member"),
        Column("sites_without_department", "无部门", drill="sites_without_department"),
        Column("sites_not_visited", "未按频次走访", drill="sites_not_visited"),
        Column("covered", "有人负责率", "percent", tone="green"),
        Column("visited", "走访达标率", "percent", tone="blue"),
    )
    lines = list(asked.part_lines(asked.place_parts, values))
    note = "有人负责率：应由网格覆盖的监管对象中，已划入网格且网格有人在岗的比例。"
    return Sheet("coverage", "各地区覆盖情况", "地区", columns, lines, Chart("bar", ("covered", "visited"), 40), note,
                 "这个地区下面没有更小的地区", parts_are_places=True)  # fmt: skip


def risk(asked: Asked) -> Sheet:
    """Sites by risk colour."""
    now = asked.here[0]
    lines = [
        Line(name, label, {"sites": now[name], "share": share(now[name], now["sites"])}, asked.place, "gap", name)
        for name, label in RISKS
    ]
    columns = (Column("sites", "监管对象", drill="gap", tone="risk"), Column("share", "占比", "percent"))
    return Sheet("risk", "风险四色", "风险等级", columns, lines, Chart("pie", ("sites",)), empty="还没有监管对象")


def risk_by_place(asked: Asked) -> Sheet:
    """Sites of each part of the place by risk colour."""
    columns = tuple(Column(name, label, drill=name, tone=name) for name, label in RISKS)

    def values(counts: Counts | None) -> dict[str, Value]:
        return {name: counts[name] if counts else 0 for name, _ in RISKS}

    lines = list(asked.part_lines(asked.place_parts, values))
    return Sheet("risk_by_place", "各地区风险四色", "地区", columns, lines, Chart("stack", tuple(n for n, _ in RISKS), 40),
                 parts_are_places=True)  # fmt: skip


def members(asked: Asked) -> Sheet:
    """What each member did in the period: visits and findings, and what became of the reports."""
    visits, cases = asked.visits_by_member, asked.cases_by_member
    keys = {key for key, one in visits.items() if one["visits"]} | {k for k, one in cases.items() if one["reported"]}
    names = asked.names("member", keys) if keys else {}
    lines = []
    for key in keys:
        went, said = visits.get(key, {}), cases.get(key, {})
        values: dict[str, Value] = {name: went.get(name, 0) for name in ("visits", "done", "findings", "far")}
        values |= {name: said.get(name, 0) for name in ("reported", "registered", "open_now")}
        values["valid"] = share(said.get("valid", 0), said.get("reported", 0))
        lines.append(Line(key, names.get(key, "已注销的账号"), values, asked.place, "member", key))
    lines.sort(key=lambda line: (-int(line.values["visits"] or 0), -int(line.values["reported"] or 0), line.key))
    columns = (
        Column("visits", "巡查", tone="blue"),
        Column("done", "完成检查"),
        Column("findings", "发现问题"),
        Column("far", "远离签到"),
        Column("reported", "上报案件", drill="reported", tone="orange"),
        Column("registered", "立案", drill="registered"),
        Column("open_now", "未结", drill="open_now"),
        Column("valid", "有效上报率", "percent"),
    )
    return Sheet("members", "网格员工作", "网格员", columns, lines, Chart("flat", ("visits", "reported"), 15),
                 "图中为巡查最多的 15 人；远离签到是距监管对象过远、写明原因的巡查。",
                 "所选时段没有巡查和上报；网格员工作只在县级及以下统计")  # fmt: skip


def villages(asked: Asked) -> Sheet:
    """The villages of a county or town that no grid holds."""
    county = asked.county
    rows = uncovered_villages(county, clock.today()) if county is not None else []
    lines = [
        Line(row.code, row.name, {"town": asked.part_names.get(row.code[:9], row.code[:9]), "code": row.code}, row.code)
        for row in rows
        if row.code.startswith(asked.place)
    ]
    columns = (Column("town", "乡镇（街道）", "text"), Column("code", "区划代码", "text"))
    return Sheet("villages", "村（社区）有网格", "没有网格的村（社区）", columns, lines, empty="每个村（社区）都有网格",
                 parts_are_places=True)  # fmt: skip
