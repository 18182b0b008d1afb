"""One row of every kind that a page of the console can be asked for by county and id, on top of the cast."""

from __future__ import annotations

import io
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import shapely
from PIL import Image

from safegrid.cases.models import Case, DutyShift
from safegrid.console.models import BulkLine, BulkRun
from safegrid.files.services import store
from safegrid.foundation import clock
from safegrid.foundation.geometry import write_area
from safegrid.foundation.ids import uuid7
from safegrid.grids.models import GateEvidence, GridOfficer, GridVersion, MemberLeave, Posting
from safegrid.handbook.models import Checklist
from safegrid.notices.models import Notice
from safegrid.orgs.models import NamedOfficer
from safegrid.patrols.models import MemberPlan, PlannedVisit, PlanRun, Visit
from safegrid.planning.models import Cluster, PostingProposal, Scenario
from safegrid.regions.models import RegionShape
from safegrid.sites.models import ChangeRequest, ImportRun, RegisterDifference, RegisterExtract, SiteContact
from tests.cast import Cast
from tests.setting import MADE_AT, SINCE


class EveryRow:
    """``row.<what>`` makes it on first use. All belong to county 330521."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.county = cast, cast.county

    def _make(self, model: Any, **values: Any) -> UUID:
        return model.objects.create(county=self.county, **values).pk

    @cached_property
    def place(self) -> str:
        """A village whose boundary is known."""
        area = self.cast.square(0)
        west, south, east, north = area.bounds
        self._make(RegionShape, code=self.cast.village, longitude=west, latitude=south, boundary=write_area(area),
                   min_longitude=west, min_latitude=south, max_longitude=east, max_latitude=north, updated_at=MADE_AT)  # fmt: skip
        return self.cast.village

    @cached_property
    def site(self) -> UUID:
        return self.cast.site.id

    @cached_property
    def household(self) -> UUID:
        return self.cast.household.id

    @cached_property
    def contact(self) -> UUID:
        return self._make(SiteContact, site=self.cast.site, name="李四", phone="13800138000", phone_tail="8000")

    @cached_property
    def grid(self) -> UUID:
        return self.cast.grid.id

    @cached_property
    def department(self) -> UUID:
        return self.cast.fire.id

    @cached_property
    def closed_department(self) -> UUID:
        self.cast.market.is_active = False
        self.cast.market.save()
        return self.cast.market.id

    @cached_property
    def named_officer(self) -> UUID:
        return self._make(NamedOfficer, department=self.cast.fire, name="王五", phone="13800138001", valid_from=SINCE)

    @cached_property
    def station(self) -> UUID:
        return self.cast.station.id

    @cached_property
    def committee(self) -> UUID:
        return self.cast.village_committee.id

    @cached_property
    def member(self) -> UUID:
        return self.cast.member_of(self.cast.grid_member).id

    @cached_property
    def posting(self) -> UUID:
        return Posting.objects.get(county=self.county, member_id=self.member).pk

    @cached_property
    def evidence(self) -> UUID:
        return self._make(GateEvidence, member_id=self.member, kind="exam", number="KS-1", issued_on=SINCE)

    @cached_property
    def leave(self) -> UUID:
        today = clock.today()
        return self._make(MemberLeave, member_id=self.member, reason="病假", first_day=today, last_day=today)

    @cached_property
    def grid_officer(self) -> UUID:
        return self._make(GridOfficer, grid=self.cast.grid, kind="responsible", name="赵六", valid_from=SINCE)

    @cached_property
    def coming_version(self) -> UUID:
        now = GridVersion.objects.get(county=self.county, grid=self.cast.grid)
        copied = {name: getattr(now, name) for name in ("boundary", "min_longitude", "min_latitude", "max_longitude",
                                                         "max_latitude", "area_m2", "villages", "is_approximate")}  # fmt: skip
        return self._make(GridVersion, grid=self.cast.grid, number=2, **copied,
                          valid_from=clock.today() + timedelta(days=30))  # fmt: skip

    @cached_property
    def case(self) -> UUID:
        site, now = self.cast.site, clock.now()
        _ = self.cast.kinds
        return self._make(
            Case, number="330521-250305-00001", state="reported", kind=self.cast.general_kind.code, severity="general",
            nature="hazard", channel="member", words="安全出口堆满纸箱", place_kind="site", site=site, town=site.town,
            village=site.village, grid_id=site.grid_id, reported_at=now, updated_at=now,
        )  # fmt: skip

    @cached_property
    def checklist(self) -> UUID:
        return self.cast.checklist.id

    @cached_property
    def draft(self) -> UUID:
        return self._make(Checklist, code="SHOP", number=1, name="商铺检查表", site_type="shop", state="draft")

    @cached_property
    def rule(self) -> UUID:
        return self.cast.duty_rules[0].id

    @cached_property
    def kind_code(self) -> str:
        return self.cast.general_kind.code

    @cached_property
    def visit(self) -> UUID:
        member = self.cast.member_of(self.cast.grid_member)
        return self._make(
            Visit, device_id=uuid7(), member_id=member.id, member_user_id=member.user_id, site=self.cast.site,
            grid_id=self.cast.grid.id, town=self.cast.town, village=self.cast.village, checklist=self.cast.checklist,
            outcome="normal", visited_at=MADE_AT, recorded_at=MADE_AT,
        )  # fmt: skip

    @cached_property
    def plan(self) -> UUID:
        return self._make(MemberPlan, member_id=self.member, member_user_id=self.cast.grid_member.id, town=self.cast.town,
                          began_on=SINCE)  # fmt: skip

    @cached_property
    def planned(self) -> UUID:
        return self._make(
            PlannedVisit, member_id=self.member, member_user_id=self.cast.grid_member.id, site=self.cast.site,
            grid_id=self.cast.grid.id, town=self.cast.town, village=self.cast.village, reason="regular", minutes=20,
            due_by=clock.today(), on=clock.today(),
        )  # fmt: skip

    @cached_property
    def plan_run(self) -> UUID:
        return self._make(PlanRun, key="night:2025-03-05", total=1, started_at=MADE_AT)

    @cached_property
    def shift(self) -> UUID:
        start = clock.now() + timedelta(hours=2)
        return self._make(DutyShift, user_id=self.cast.lead_officer.id, begins_at=start,
                          ends_at=start + timedelta(hours=8))  # fmt: skip

    @cached_property
    def change(self) -> UUID:
        return self._make(ChangeRequest, site=self.cast.site, town=self.cast.town, village=self.cast.village,
                          values={"address": "塔山街 1 号"}, based_on_version=self.cast.site.version,
                          proposed_by_id=self.cast.grid_member.id, proposed_at=MADE_AT)  # fmt: skip

    @cached_property
    def difference(self) -> UUID:
        extract = RegisterExtract.objects.create(
            county=self.county, name="登记.xlsx", taken_on=SINCE, compared_at=MADE_AT
        )
        return self._make(RegisterDifference, extract=extract, kind="closed", key="k", site=self.cast.site,
                          name=self.cast.site.name, town=self.cast.town, found={})  # fmt: skip

    @cached_property
    def run(self) -> UUID:
        return self._make(ImportRun, name="台账.xlsx", file="missing.xlsx", state="checked", started_at=MADE_AT,
                          options={"datum": "wgs84", "mode": "skip_bad"}, started_by_id=self.cast.lead_officer.id)  # fmt: skip

    @cached_property
    def bulk_run(self) -> UUID:
        run = BulkRun.objects.create(county=self.county, user_id=self.cast.lead_officer.id, action="sites.assign",
                                     back="/sites/", total=1)  # fmt: skip
        self._make(BulkLine, run=run, row_id=self.cast.site.id)
        return run.pk

    @cached_property
    def notice(self) -> UUID:
        return self._make(Notice, recipient_id=self.cast.lead_officer.id, kind="cases.report", title="新案件", key="k",
                          created_at=MADE_AT)  # fmt: skip

    @cached_property
    def attachment(self) -> UUID:
        file = io.BytesIO()
        Image.new("RGB", (8, 8), (1, 2, 3)).save(file, "PNG")
        return store(acting_user=self.cast.lead_officer, county=self.county, data=file.getvalue(), name="photo.png").id

    @cached_property
    def scenario(self) -> UUID:
        return self._make(Scenario, name="武康方案", town=self.cast.town, state="draft", created_at=MADE_AT)

    @cached_property
    def cluster(self) -> UUID:
        return self._make(Cluster, scenario_id=self.scenario, name="模具市场", town=self.cast.town, sites=40, minutes=9600.0,
                          boundary=shapely.to_wkb(self.cast.square(0)))  # fmt: skip

    @cached_property
    def proposal(self) -> UUID:
        return self._make(PostingProposal, scenario_id=self.scenario, town=self.cast.town, grid_id=self.grid,
                          member_id=self.member)  # fmt: skip
