"""Where the cast of the tests plays: regions, bodies, grids, sites, handbook and duty rules (see ``tests.cast``)."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

import shapely

from safegrid.duties.models import DutyRule
from safegrid.foundation import cache, clock
from safegrid.grids.models import Grid, GridVersion, SiteGrid
from safegrid.handbook.models import Checklist, ChecklistItem, HazardKind, SeverityLimit, VisitNorm
from safegrid.orgs.models import Committee, Department, Station
from safegrid.regions.models import Region
from safegrid.sites.models import Site, SiteContact

SINCE = date(2024, 1, 1)
MADE_AT = datetime(2024, 1, 1, tzinfo=clock.SHANGHAI)
SIDE, WEST, SOUTH = 0.02, 120.0, 30.5
CONTENT = Path(__file__).parent.parent / "safegrid/handbook/content"
KINDS = ("FIRE", "FIRE-EXIT-BLOCKED", "FIRE-EXTINGUISHER", "FIRE-EXIT-FEW", "ELEC", "ELEC-WIRE-PRIVATE",
         "HEALTH", "HEALTH-NOISE", "ACCIDENT", "ACCIDENT-ORDINARY")  # fmt: skip


class Setting:
    """``county`` is 330521; ``foreign_…`` belongs to county 330523."""

    county, foreign_county = 330521, 330523
    town, village, next_village = "330521001", "330521001001", "330521001002"
    other_town, other_village, far_village = "330521101", "330521101022", "330521101020"
    foreign_town, foreign_village = "330523001", "330523001001"

    def __init__(self) -> None:
        cache.forget_everything()
        names = {
            "33": "浙江省", "3305": "湖州市", "330521": "德清县", self.town: "武康街道", self.village: "居仁社区居委会",
            self.next_village: "吉祥社区居委会", self.other_town: "乾元镇", self.other_village: "东郊社区居委会",
            self.far_village: "直街社区居委会", "330523": "安吉县", self.foreign_town: "递铺街道",
            self.foreign_village: "凤凰山社区居委会",
        }  # fmt: skip
        level = {2: 1, 4: 2, 6: 3, 9: 4, 12: 5}
        parent = {2: 0, 4: 2, 6: 4, 9: 6, 12: 9}
        Region.objects.bulk_create(
            Region(code=code, name=name, level=level[len(code)], parent_code=code[: parent[len(code)]])
            for code, name in names.items()
        )

    # Bodies

    def _department(self, code: str, name: str, county: int = 330521, **more: str) -> Department:
        made = Department.objects.create(county=county, code=code, name=name, **more)
        cache.forget_everything()
        return made

    @cached_property
    def lead_department(self) -> Department:
        return self._department("EMB", "应急管理局", role="lead")

    @cached_property
    def fire(self) -> Department:
        return self._department("FRB", "消防救援大队")

    @cached_property
    def market(self) -> Department:
        return self._department("MSB", "市场监督管理局")

    @cached_property
    def town_department(self) -> Department:
        """A body of the town, to which a town officer may dispatch."""
        return self._department("TOWN-001", "武康街道综合行政执法队", level="town", town=self.town)

    @cached_property
    def foreign_department(self) -> Department:
        return self._department("EMB", "应急管理局", self.foreign_county, role="lead")

    @cached_property
    def station(self) -> Station:
        return Station.objects.create(county=self.county, town=self.town, name="武康街道安监站")

    @cached_property
    def other_station(self) -> Station:
        return Station.objects.create(county=self.county, town=self.other_town, name="乾元镇安监站")

    @cached_property
    def village_committee(self) -> Committee:
        return Committee.objects.create(county=self.county, village=self.village, name="居仁社区居民委员会")

    # Grids

    @cached_property
    def grid(self) -> Grid:
        return self._grid(self.village, 0)

    @cached_property
    def next_grid(self) -> Grid:
        return self._grid(self.next_village, 1)

    @cached_property
    def other_grid(self) -> Grid:
        return self._grid(self.other_village, 2)

    @cached_property
    def far_grid(self) -> Grid:
        """A grid without a member."""
        return self._grid(self.far_village, 3)

    def square(self, index: int) -> shapely.Polygon:
        """Return the boundary of the village and grid that is ``index``-th from the west."""
        return shapely.box(WEST + SIDE * index, SOUTH, WEST + SIDE * (index + 1), SOUTH + SIDE)

    def _grid(self, village: str, index: int) -> Grid:
        grid = Grid.objects.create(
            county=self.county, code=f"{village}01", name=f"网格{index + 1}", town=village[:9], village=village,
            opened_on=SINCE,
        )  # fmt: skip
        boundary = self.square(index)
        west, south, east, north = boundary.bounds
        GridVersion.objects.create(
            county=self.county, grid=grid, number=1, boundary=shapely.to_wkb(boundary), min_longitude=west,
            min_latitude=south, max_longitude=east, max_latitude=north, area_m2=4_260_000.0, villages=[village],
            is_approximate=True, valid_from=SINCE,
        )  # fmt: skip
        return grid

    # Sites

    @cached_property
    def site(self) -> Site:
        """A paint factory in ``grid``, the lead department's."""
        return self._site(
            "S-0001", "德清示范涂料有限公司", "enterprise", "2641", self.village, 0, self.grid,
            department_id=self.lead_department.id, risk_grade="orange", scale="small", employees=86,
        )  # fmt: skip

    @cached_property
    def shop(self) -> Site:
        """A small shop in ``grid``, market supervision's."""
        return self._site("S-0002", "居仁便民超市", "shop", "5212", self.village, 0, self.grid,
                          department_id=self.market.id)  # fmt: skip

    @cached_property
    def next_site(self) -> Site:
        """In the next village's grid."""
        return self._site("S-0003", "吉祥小吃店", "shop", "6241", self.next_village, 1, self.next_grid,
                          department_id=self.market.id)  # fmt: skip

    @cached_property
    def other_site(self) -> Site:
        """In the other town."""
        return self._site("S-0004", "乾元木业加工厂", "workshop", "2031", self.other_village, 2, self.other_grid,
                          department_id=self.lead_department.id)  # fmt: skip

    @cached_property
    def household(self) -> Site:
        return self._site("S-0005", "居仁社区 1 幢 101", "household", "", self.village, 0, self.grid)

    @cached_property
    def foreign_site(self) -> Site:
        """In another county."""
        return Site.objects.create(
            county=self.foreign_county, code="S-0001", name="安吉竹制品厂", site_type="enterprise", industry="2041",
            town=self.foreign_town, village=self.foreign_village, longitude=119.68, latitude=30.63,
            declared_datum="wgs84", created_at=MADE_AT, updated_at=MADE_AT,
        )  # fmt: skip

    def _site(self, code: str, name: str, kind: str, industry: str, village: str, index: int, grid: Grid,
              **more: object) -> Site:  # fmt: skip
        centre = self.square(index).centroid
        site = Site.objects.create(
            county=self.county, code=code, name=name, site_type=kind, industry=industry, town=village[:9],
            village=village, longitude=centre.x, latitude=centre.y, declared_datum="wgs84", grid_id=grid.id,
            created_at=MADE_AT, updated_at=MADE_AT, **more,
        )  # fmt: skip
        SiteGrid.objects.create(
            county=self.county, site_id=site.id, grid=grid, assigned_by="location", valid_from=SINCE
        )
        return site

    @cached_property
    def contact(self) -> SiteContact:
        """The person to talk to at ``site``."""
        return SiteContact.objects.create(
            county=self.county, site=self.site, name="沈安全", position="安全管理员", phone="13800138000",
            phone_tail="8000",
        )  # fmt: skip

    # Handbook and duties

    @cached_property
    def kinds(self) -> dict[str, HazardKind]:
        """A few kinds of the shipped catalogue with all its time limits: minor, general, major, health, accident."""
        shipped = [one for one in json.loads((CONTENT / "hazard_kinds.json").read_text()) if one["code"] in KINDS]
        parents = {one["parent"] for one in shipped}
        made = HazardKind.objects.bulk_create(
            HazardKind(
                county=self.county, code=one["code"], parent_code=one["parent"], name=one["name"], nature=one["nature"],
                severity=one["severity"], is_occupational_health=one["health"], is_leaf=one["code"] not in parents,
                may_settle_on_spot=one["may_be_minor_on_spot"], legal_bases=one["legal_bases"], limits=one["limits"],
                handle_max=one["handle_max"] or {}, duplicate_distance_m=one["duplicate_distance_m"],
                duplicate_days=one["duplicate_days"], position=position,
            )
            for position, one in enumerate(shipped)
        )  # fmt: skip
        limits: dict[str, dict[str, object]] = {}
        for one in json.loads((CONTENT / "hazard_limits.json").read_text()):
            limits.setdefault(one["severity"], {})[one["stage"]] = {"value": one["value"], "unit": one["unit"]}
        SeverityLimit.objects.bulk_create(
            SeverityLimit(county=self.county, severity=severity, limits=stages) for severity, stages in limits.items()
        )
        cache.forget_everything()
        return {kind.code: kind for kind in made}

    @cached_property
    def minor_kind(self) -> HazardKind:
        """May be settled on the spot."""
        return self.kinds["FIRE-EXTINGUISHER"]

    @cached_property
    def general_kind(self) -> HazardKind:
        return self.kinds["FIRE-EXIT-BLOCKED"]

    @cached_property
    def major_kind(self) -> HazardKind:
        return self.kinds["FIRE-EXIT-FEW"]

    @cached_property
    def accident_kind(self) -> HazardKind:
        return self.kinds["ACCIDENT-ORDINARY"]

    @cached_property
    def checklist(self) -> Checklist:
        """Published, for enterprises; two yes/no items, a number, a photo that may be left out."""
        kinds = self.kinds
        checklist = Checklist.objects.create(
            county=self.county, code="ENTERPRISE", number=1, name="生产经营单位检查表", site_type="enterprise",
            state="published", published_at=MADE_AT,
        )  # fmt: skip
        items = (
            ("EXIT", "疏散通道、安全出口是否畅通", kinds["FIRE-EXIT-BLOCKED"].code, "yes_no", True),
            ("EXTINGUISHER", "灭火器是否配齐、有效", kinds["FIRE-EXTINGUISHER"].code, "yes_no", True),
            ("STAFF", "当班人数", "", "number", True),
            ("PHOTO", "现场照片", "", "photo", False),
        )
        ChecklistItem.objects.bulk_create(
            ChecklistItem(county=self.county, checklist=checklist, code=code, position=position, text=text,
                          hazard_kind=kind, answer_kind=answer, is_mandatory=mandatory)
            for position, (code, text, kind, answer, mandatory) in enumerate(items)
        )  # fmt: skip
        cache.forget_everything()
        return checklist

    @cached_property
    def visit_norm(self) -> VisitNorm:
        norm = VisitNorm.objects.create(
            county=self.county, site_type="enterprise", risk_grade="orange", visits_a_year=12, minutes=40
        )
        cache.forget_everything()
        return norm

    @cached_property
    def duty_rules(self) -> list[DutyRule]:
        """Fire answers for fire hazards, market supervision for shops, the lead department for division 26 and 20."""
        common = {"county": self.county, "valid_from": SINCE, "created_at": MADE_AT}
        rules = DutyRule.objects.bulk_create(
            [
                DutyRule(department=self.fire, hazard_kind="FIRE", words="消防隐患", **common),
                DutyRule(department=self.market, site_type="shop", words="小商铺", **common),
                DutyRule(department=self.lead_department, industry_prefix="26", words="化学制品制造", **common),
                DutyRule(department=self.lead_department, industry_prefix="20", words="木材加工", **common),
            ]
        )
        cache.forget_everything()
        return rules
