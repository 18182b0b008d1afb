"""Sheets about the handling of cases: headline figures, indices, trend, time to close, what presses, kinds, comparison."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

from safegrid.cases.facts import WITHIN_DAYS
from safegrid.cases.indices import INDICES
from safegrid.statistics.reading import Counts
from safegrid.statistics.sheets.asked import Asked
from safegrid.statistics.sheets.shape import Chart, Column, Line, Sheet, Value, days, share

HEADLINES = (
    ("reported", "上报案件", "不含并案、作废"),
    ("registered", "立案", ""),
    ("closed", "结案", ""),
    ("open_now", "其中未结", "所选时段上报、现在还没有办结"),
    ("overdue_now", "其中当前超期", "所选时段上报、现在某一环节超期"),
    ("major", "重大隐患", ""),
)
_PRESENT = ("open_now", "overdue_now")
NOTE_EXCUSED = "已剔除申诉成立的超期"


def headline(asked: Asked) -> Sheet:
    """How many cases of each state, against the same period a month and a year before."""
    now, month, year = asked.totals
    lines = []
    for name, label, words in HEADLINES:
        # What is open of older cases has had longer to be closed: no comparison.
        before = [None, None] if name in _PRESENT else [asked.count(one, name) for one in (month, year)]
        lines.append(Line(name, label, _compared(asked.count(now, name), *before), words=words))
    mean = [days(one["close_minutes"], one["close_timed"]) for one in (now, month, year)]
    lines.append(Line("close_days", "平均结案天数", _compared(*mean), words="上报到结案，自然日"))
    return Sheet("headline", "总体情况", "指标", _AGAINST, lines, note=_note(asked))


_AGAINST = (
    Column("now", "本期", "number"),
    Column("month", "上月同期", "number"),
    Column("year", "去年同期", "number"),
    Column("month_change", "较上月", "percent"),
    Column("year_change", "较去年", "percent"),
)


def _compared(now: Any, month: Any, year: Any) -> dict[str, Value]:
    return {"now": now, "month": month, "year": year, "month_change": _change(now, month),
            "year_change": _change(now, year)}  # fmt: skip


def _change(now: float | None, before: float | None) -> float | None:
    return (now - before) / before if now is not None and before else None


def indices(asked: Asked) -> Sheet:
    """The indices of the period, with what they are shares of, against a month and a year before."""
    now, month, year = asked.totals
    lines = []
    for index in INDICES:
        rates = [asked.rate(one, index.over, index.under) for one in (now, month, year)]
        values: dict[str, Value] = dict(zip(("rate", "month", "year"), rates, strict=True))
        values |= {"over": asked.count(now, index.over), "under": asked.count(now, index.under)}
        drills = {"over": index.over, "under": index.under}
        lines.append(Line(index.name, index.label, values, words=index.words, drills=drills))
    columns = (
        Column("rate", "本期", "percent", tone="blue"),
        Column("month", "上月同期", "percent", tone="teal"),
        Column("year", "去年同期", "percent", tone="gray"),
        Column("over", "分子"),
        Column("under", "分母"),
    )
    note = "定义参照数字城管监督指挥指标（与 GB/T 30428 对照，未经认证）。" + _note(asked)
    return Sheet("indices", "办理指标", "指标", columns, lines, Chart("bar", ("rate", "month", "year")), note)


def trend(asked: Asked) -> Sheet:
    """Month by month over a year: reported, filed, closed, and how much was closed in time."""
    lines = []
    for first, counts in asked.months.items():
        values: dict[str, Value] = {name: counts[name] for name in ("reported", "registered", "closed")}
        values["closed_in_time"] = asked.rate(counts, "closed_in_time", "should_close")
        values["handled_in_time"] = asked.rate(counts, "handled_in_time", "should_handle")
        lines.append(Line(first.isoformat(), f"{first:%Y-%m}", values))
    columns = (
        Column("reported", "上报", tone="blue"),
        Column("registered", "立案", tone="orange"),
        Column("closed", "结案", tone="green"),
        Column("handled_in_time", "按期处置率", "percent", tone="purple"),
        Column("closed_in_time", "按期结案率", "percent", tone="teal"),
    )
    chart = Chart("line", ("reported", "registered", "closed", "closed_in_time"))
    return Sheet(
        "trend", "逐月趋势", "上报月份", columns, lines, chart, "按上报月份统计，结案数为该月上报案件中已结的。"
    )


def closing(asked: Asked) -> Sheet:
    """In how many days the cases reported in the period were closed."""
    now = asked.totals[0]
    labels = ["1 天内", *(f"{low}–{high} 天" for low, high in pairwise(WITHIN_DAYS)),
              f"{WITHIN_DAYS[-1]} 天以上"]  # fmt: skip
    names = [*(f"within_{one}" for one in WITHIN_DAYS), "later"]
    whole = sum(now[name] for name in names)
    lines = [
        Line(name, label, {"count": now[name], "share": share(now[name], whole)})
        for name, label in zip(names, labels, strict=True)
    ]
    columns = (Column("count", "结案数", tone="green"), Column("share", "占比", "percent"))
    stages = {"register": "上报到立案", "dispatch": "立案到派遣", "handle": "派遣到处置完成", "close": "上报到结案"}
    means = [(label, days(now[f"{name}_minutes"], now[f"{name}_timed"])) for name, label in stages.items()]
    said = "，".join(f"{label} {mean} 天" for label, mean in means if mean is not None)
    return Sheet(
        "closing", "结案用时", "用时", columns, lines, Chart("bar", ("count",)), f"平均：{said}。" if said else ""
    )


def pressing(asked: Asked) -> Sheet:
    """What is open now and how far over its limit, whenever it was reported: the ladder of overruns."""
    now = asked.ever
    rows = (
        ("on_time", "时限内", now["open_now"] - now["near_now"] - now["over_now"] - now["badly_over_now"], ""),
        ("near_now", "临期（已用 75% 以上）", now["near_now"], "near"),
        ("over_now", "超期", now["over_now"], ""),
        ("badly_over_now", "严重超期（3 倍以上）", now["badly_over_now"], "badly_overdue"),
        ("rung_1", "升级到第一级", now["rung_1"], ""),
        ("rung_2", "升级到第二级", now["rung_2"], ""),
        ("rung_3", "升级到第三级及以上", now["rung_3"], ""),
    )  # fmt: skip
    lines = [Line(name, label, {"count": number}, by="timing" if timing else "", group=timing)
             for name, label, number, timing in rows]  # fmt: skip
    note = "现在未结的全部案件，不限上报时段；升级是超期之后逐级提醒，与前几行有重合。"
    return Sheet("pressing", "时限与超期阶梯", "状态", (Column("count", "案件数", tone="ladder"),), lines,
                 Chart("flat", ("count",)), note, empty="现在没有未结的案件")  # fmt: skip


_GROUP_COLUMNS = (
    Column("reported", "上报", drill="reported", tone="blue"),
    Column("registered", "立案", drill="registered"),
    Column("closed", "结案", drill="closed", tone="green"),
    Column("open_now", "未结", drill="open_now", tone="orange"),
    Column("overdue_now", "当前超期", drill="overdue_now", tone="red"),
    Column("handled_in_time", "按期处置率", "percent"),
    Column("closed_in_time", "按期结案率", "percent"),
)


def _group_values(asked: Asked, counts: Counts) -> dict[str, Value]:
    values: dict[str, Value] = {name: counts[name] for name in ("reported", "registered", "closed", "open_now")}
    return values | {
        "overdue_now": asked.count(counts, "overdue_now"),
        "handled_in_time": asked.rate(counts, "handled_in_time", "should_handle"),
        "closed_in_time": asked.rate(counts, "closed_in_time", "should_close"),
    }


def _of_group(
    by: str, title: str, head: str, chart: Chart, note: str = "", *, above: str = ""
) -> Callable[[Asked], Sheet]:
    """``above``: what is said above counties, where nothing is counted so."""

    def sheet(asked: Asked) -> Sheet:
        groups = {key: counts for key, counts in asked.group(by).items() if counts["reported"]}
        names = asked.names(by, groups)
        ranked = sorted(groups.items(), key=lambda one: (-one[1]["reported"], one[0]))
        lines = [
            Line(key, names.get(key, key) or "未定", _group_values(asked, counts), asked.place, by, key)
            for key, counts in ranked
        ]
        found = Sheet({"severity": "severities"}.get(by, f"{by}s"), title, head, _GROUP_COLUMNS, lines, chart, note)
        return replace(found, empty=above) if above and len(asked.place) < 6 else found

    return sheet


kinds = _of_group("kind", "隐患类别", "类别", Chart("flat", ("open_now", "closed"), 15), "图中为上报最多的 15 类。")
severities = _of_group("severity", "严重程度", "程度", Chart("pie", ("reported",)))
channels = _of_group("channel", "来源渠道", "渠道", Chart("pie", ("reported",)))
departments = _of_group("department", "主办部门", "部门", Chart("bar", ("handled_in_time", "closed_in_time")),
                        "“未定”是还没有派遣的案件。部门只在县级及以下统计。",
                        above="主办部门只在县级及以下统计，请选择一个县（市、区）")  # fmt: skip


def comparison(asked: Asked) -> Sheet:
    """The parts of the place beside each other."""
    empty = dict.fromkeys([asked.named(name) for name in (*_ALL, "overdue_now")], 0)

    def values(counts: Counts | None) -> dict[str, Value]:
        given = counts or empty
        found: dict[str, Value] = {"reported": given["reported"], "closed_cases": given["closed"]}
        found["overdue_now"] = asked.count(given, "overdue_now")
        for name, over, under in _RATES:
            found[name] = asked.rate(given, over, under)
        return found

    columns = (
        Column("reported", "上报", drill="reported"),
        Column("closed_cases", "结案", drill="closed"),
        Column("overdue_now", "当前超期", drill="overdue_now"),
        *(Column(one.name, one.label, "percent", tone=_TONES.get(one.name, "")) for one in INDICES),
    )
    lines = list(asked.part_lines(asked.case_parts, values))
    chart = Chart("bar", ("handled_in_time", "closed_in_time"), 40)
    return Sheet("comparison", "地区比较", "地区", columns, lines, chart, _note(asked), parts_are_places=True)


_RATES = tuple((one.name, one.over, one.under) for one in INDICES)
_ALL = tuple(dict.fromkeys(["reported", "closed", *(name for _, over, under in _RATES for name in (over, under))]))
_TONES = {"handled_in_time": "blue", "closed_in_time": "green"}


def heat(asked: Asked) -> Sheet:
    """Where cases come from: by grid, the hottest first."""
    groups = {key: counts for key, counts in asked.by_grid.items() if counts["reported"]}
    names = asked.names("grid", groups) if groups else {}
    ranked = sorted(groups.items(), key=lambda one: (-one[1]["reported"], one[0]))
    lines = [
        Line(key, names.get(key, "已撤销的网格"),
             {name: counts[name] for name in ("reported", "registered", "open_now", "overdue_now")},
             asked.place, "grid", key)
        for key, counts in ranked
    ]  # fmt: skip
    columns = (
        Column("reported", "上报", drill="reported", tone="heat"),
        Column("registered", "立案", drill="registered"),
        Column("open_now", "未结", drill="open_now"),
        Column("overdue_now", "当前超期", drill="overdue_now"),
    )
    return Sheet("heat", "网格热度", "网格", columns, lines, Chart("flat", ("reported",), 15),
                 "图中为上报最多的 15 个网格。", "县级及以下、按网格上报的案件才有热度")  # fmt: skip


def _note(asked: Asked) -> str:
    return f"{NOTE_EXCUSED}。" if asked.excused else ""
