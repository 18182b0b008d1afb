"""A member with many sites and norms, for the tests of plans."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from safegrid.foundation import cache, clock
from safegrid.grids.models import SiteGrid
from safegrid.handbook.models import VisitNorm
from safegrid.patrols.models import PlannedVisit, Visit
from safegrid.patrols.work import plan_members
from safegrid.sites.models import Site
from tests.cast import Cast

GRADES = {"red": 52, "orange": 26, "yellow": 12, "blue": 4}


class Patch:
    """``patch.plan()`` plans the grid's member; ``patch.site()`` adds a site to the member's grid."""

    def __init__(self, cast: Cast, sites: int = 0, seed: int = 1) -> None:
        self.cast, self.random = cast, random.Random(seed)
        self.user, self.county = cast.grid_member, cast.county
        self.member = cast.member_of(self.user)
        for grade, visits in GRADES.items():
            self.norm("shop", grade, visits)
        self.sites = [self.site() for _ in range(sites)]

    def norm(self, site_type: str, grade: str, visits: int, minutes: int = 20) -> None:
        VisitNorm.objects.update_or_create(county=self.county, site_type=site_type, risk_grade=grade,
                                           defaults={"visits_a_year": visits, "minutes": minutes})  # fmt: skip
        cache.forget_everything()

    def site(self, *, grade: str = "", grid: Any = None, visited: date | None = None, **more: Any) -> Site:
        cast, rng = self.cast, self.random
        grid = grid or cast.grid
        site = Site.objects.create(
            county=self.county, code=f"P-{uuid4().hex[:8]}", name=f"商铺{rng.randint(1, 9999)}", site_type="shop",
            industry="5212", town=cast.town, village=cast.village, risk_grade=grade or rng.choice(list(GRADES)),
            longitude=120.0 + rng.random() * 0.02, latitude=30.5 + rng.random() * 0.02, grid_id=grid.id,
            created_at=clock.now() - timedelta(days=400), updated_at=clock.now(), **more,
        )  # fmt: skip
        SiteGrid.objects.create(county=self.county, site_id=site.id, grid=grid, assigned_by="location",
                                valid_from=clock.today() - timedelta(days=400))  # fmt: skip
        if visited is not None:
            self.visited(site, visited)
        return site

    def visited(self, site: Site, on: date, outcome: str = "done") -> Visit:
        moment = clock.now() - timedelta(days=(clock.today() - on).days)
        return Visit.objects.create(
            county=self.county, device_id=uuid4(), site=site, member_id=self.member.id, member_user_id=self.user.id,
            grid_id=site.grid_id, town=site.town, village=site.village, outcome=outcome, visited_at=moment, recorded_at=moment,
        )  # fmt: skip

    def plan(self, *members: Any) -> int:
        return plan_members(self.county, [one.id for one in members] or [self.member.id])

    def open(self, site: Site | None = None) -> list[PlannedVisit]:
        rows = PlannedVisit.objects.filter(county=self.county, state="planned").order_by("due_by", "id")
        return list(rows.filter(site=site) if site is not None else rows)

    def one(self, site: Site) -> PlannedVisit:
        """The first open planned visit to a site."""
        return self.open(site)[0]
