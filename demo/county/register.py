"""About 6,000 invented sites, marked as demonstration data, imported the way a county imports its register."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from shapely.geometry import Point

from demo.county import COUNTY
from demo.county.names import brand, person, phone
from safegrid.foundation.tabular import ImportReport
from safegrid.regions.models import Level
from safegrid.regions.selectors import names_of, shapes
from safegrid.sites.imports import import_sites

SITES = 6000
TITLES = ("编码", "名称", "类型", "行业代码", "规模", "从业人数", "风险等级", "村代码", "地址", "营业时间", "经度", "纬度",
          "联系人", "电话", "直接监管部门", "直接监管理由")  # fmt: skip
GRADE_WEIGHTS = {"enterprise": (3, 12, 45, 40), "shop": (0, 3, 30, 67), "workshop": (2, 14, 49, 35), "venue": (2, 18, 50, 30),
                 "household": (0, 1, 14, 85), "public_place": (1, 14, 45, 40)}  # fmt: skip
HOURS = {"小吃店": "06:00-13:30", "饭店": "10:00-14:00 16:30-21:00", "餐馆": "10:00-14:00 16:30-21:00", "超市": "07:30-21:30",
         "便利店": "07:00-22:00", "网吧": "00:00-24:00", "歌厅": "13:00-02:00", "足浴店": "13:00-01:00", "棋牌室": "12:30-23:00",
         "五金店": "08:00-18:00", "建材店": "08:00-18:00", "豆制品作坊": "02:00-11:00", "汽修铺": "08:00-18:00"}  # fmt: skip
GRADES = ("red", "orange", "yellow", "blue")


@dataclass(frozen=True)
class Trade:
    """A kind of site: its share of the register, its industries with the words that end its name, its size in people."""

    site_type: str
    share: float
    industries: tuple[tuple[str, str], ...]
    people: tuple[int, int]


TRADES = (
    Trade("enterprise", 0.16, (("34", "机械有限公司"), ("33", "金属制品有限公司"), ("38", "电器有限公司")), (6, 180)),
    Trade("enterprise", 0.07, (("20", "木业有限公司"), ("21", "家具有限公司")), (5, 90)),
    Trade("enterprise", 0.06, (("17", "纺织有限公司"), ("18", "服饰有限公司"), ("29", "塑料制品厂")), (6, 150)),
    Trade("enterprise", 0.02, (("26", "化工有限公司"), ("52", "化工产品经营部")), (8, 120)),
    Trade("enterprise", 0.03, (("59", "仓储有限公司"), ("54", "物流有限公司")), (3, 60)),
    Trade("enterprise", 0.02, (("47", "建筑工程项目部"), ("5265", "加油站")), (5, 80)),
    Trade("shop", 0.18, (("52", "超市"), ("52", "五金店"), ("52", "便利店"), ("52", "建材店")), (1, 6)),
    Trade("shop", 0.10, (("62", "饭店"), ("62", "小吃店"), ("62", "餐馆")), (2, 15)),
    Trade(
        "workshop", 0.09, (("14", "豆制品作坊"), ("13", "碾米作坊"), ("20", "竹木加工作坊"), ("81", "汽修铺")), (1, 9)
    ),
    Trade("venue", 0.04, (("90", "棋牌室"), ("90", "网吧"), ("90", "歌厅"), ("80", "足浴店")), (2, 20)),
    Trade("household", 0.19, (("", "户"),), (0, 0)),
    Trade(
        "public_place",
        0.04,
        (("83", "幼儿园"), ("85", "养老服务中心"), ("88", "文化礼堂"), ("83", "培训学校")),
        (3, 60),
    ),
)
DIRECT = (("26", "精细化工有限公司", "危险化学品生产企业，规模大、风险高"), ("44", "热电有限公司", "重大危险源企业"),
          ("45", "天然气门站", "城镇燃气关键设施"), ("31", "钢铁有限公司", "冶金企业，风险高"))  # fmt: skip


def bring_in(rng: random.Random, scratch: Path, progress: Callable[[int], None]) -> ImportReport:
    """Write the table and import it; every row must be taken."""
    table = scratch / "sites.csv"
    with table.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(TITLES)
        writer.writerows(_rows(rng))
    return import_sites(
        acting_user=None, county=COUNTY, path=table, datum="wgs84", is_demonstration=True, progress=progress
    )


def _rows(rng: random.Random) -> Iterator[tuple[object, ...]]:
    villages = [shape for shape in shapes(COUNTY, Level.VILLAGE) if shape.area is not None]
    names = names_of([village.code for village in villages] + [village.code[:9] for village in villages])
    busy = [rng.paretovariate(2.2) for _ in villages]
    trades = rng.choices(TRADES, [trade.share for trade in TRADES], k=SITES)
    places = rng.choices(range(len(villages)), busy, k=SITES + 2 * len(DIRECT))
    for number, trade in enumerate(trades, start=1):
        village = villages[places[number - 1]]
        industry, ending = rng.choice(trade.industries)
        town = names[village.code[:9]].removesuffix("街道").removesuffix("镇")
        owner = person(rng)
        name = f"{owner}{ending}" if trade.site_type == "household" else f"{town}{brand(rng)}{ending}"
        people = rng.randint(*trade.people)
        grade = rng.choices(GRADES, GRADE_WEIGHTS[trade.site_type])[0]
        x, y = _near(rng, village)
        address = f"{names[village.code[:9]]}{names[village.code]}{rng.randint(1, 199)}号"
        yield (f"D{number:05d}", name, trade.site_type, industry, _scale(trade.site_type, people), people, grade, village.code,
               address, HOURS.get(ending, "") if number % 5 else "", x, y, owner, phone(rng), "", "")  # fmt: skip
    for number, (industry, ending, reason) in enumerate(DIRECT * 2):
        village = villages[places[SITES + number]]
        x, y = _near(rng, village)
        yield (f"Z{number:03d}", f"德清{brand(rng)}{ending}", "enterprise", industry, "large", rng.randint(200, 900), "red",
               village.code, f"{names[village.code[:9]]}工业区", "", x, y, person(rng), phone(rng), "应急管理局",
               reason)  # fmt: skip


def _scale(site_type: str, people: int) -> str:
    if site_type in ("household", "public_place"):
        return "none"
    return "micro" if people < 10 else "small" if people < 60 else "medium"


def _near(rng: random.Random, village: object) -> tuple[float, float]:
    """Return a point of the village's area, more likely near its seat."""
    for spread in (0.004, 0.004, 0.004, 0.002, 0.002, 0.001):
        x, y = rng.gauss(village.longitude, spread), rng.gauss(village.latitude, spread * 0.8)  # type: ignore[attr-defined]
        if village.area.contains(Point(x, y)):  # type: ignore[attr-defined]
            return round(x, 6), round(y, 6)
    return village.longitude, village.latitude  # type: ignore[attr-defined]
