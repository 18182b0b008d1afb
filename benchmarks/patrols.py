"""The visits of a whole county's members planned by the queue, as it does every night."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from uuid import UUID

import shapely
from django.db import connections

from benchmarks.county import COUNTY, SIDE, SINCE, County, Village, build, papers
from benchmarks.databases import ROOT
from benchmarks.measure import Stopwatch
from benchmarks.report import Row
from safegrid.accounts.models import User
from safegrid.foundation import clock
from safegrid.foundation.geometry import area_m2, box, write_area
from safegrid.grids.models import Grid, GridMember, GridVersion, Posting
from safegrid.patrols.models import MemberPlan, PlannedVisit, PlanRun, RunState
from safegrid.patrols.services import replan
from safegrid.patrols.work import plan_members
from safegrid.sites.models import Site

SEED = 7
# (site type, risk grade, share of the sites): some 630 visits a year for a hundred sites.
MIXTURE = (("shop", "blue", 40), ("shop", "yellow", 20), ("enterprise", "yellow", 10), ("workshop", "blue", 10),
           ("enterprise", "orange", 10), ("public_place", "yellow", 5), ("enterprise", "red", 5))  # fmt: skip


def queued(members: int, sites: int, workers: int = 2, target_seconds: float | None = None) -> list[Row]:
    """Plan ``members`` with ``sites`` sites each by ``workers`` processes of the queue; then once more, nothing having changed.

    Beside it stands one process that plans the same members without any queue.
    """
    county = build()
    posted = _members(county, members, sites)
    connections.close_all()
    cluster = subprocess.Popen(
        [sys.executable, "manage.py", "qcluster"],
        cwd=ROOT,
        env={**os.environ, "SAFEGRID_WORKERS": str(workers)},
        stdout=subprocess.DEVNULL,
    )
    try:
        first, again = _run(), _run()
    finally:
        cluster.terminate()
        cluster.wait(60)
    few = posted[:: min(20, members)]
    plan_members(COUNTY, few[:1])  # fetches compiled code
    # Every route is to be found anew.
    MemberPlan.objects.filter(county=COUNTY, member_id__in=few).update(mode="walking")
    with Stopwatch() as alone:
        plan_members(COUNTY, few)
    bare = alone.seconds * members / len(few)
    visits = PlannedVisit.objects.filter(county=COUNTY, on__isnull=False).count()
    words = f"{members:,} members with {sites} sites each, two weeks, {workers} workers of the queue"
    return [
        Row(words, first, "s", "one process without the queue, of a twentieth of them", bare, target_seconds,
            f"{visits:,} visits on the days' routes"),
        Row("the same again, nothing having changed", again, "s", target=target_seconds),
    ]  # fmt: skip


def _run() -> float:
    """Start the planning of the whole county; return the seconds until it says that it is done."""
    with Stopwatch() as watch:
        run = replan(acting_user=None, county=COUNTY)
        while run.state == RunState.RUNNING:
            time.sleep(0.2)
            run = PlanRun.objects.get(county=COUNTY, id=run.id)
    if run.state != RunState.DONE or run.failed:
        raise RuntimeError(f"the planning ended as {run.state}, {run.failed} members without a plan")
    return watch.seconds


def _members(county: County, number: int, sites: int) -> list[UUID]:
    """Give each of ``number`` new members a strip of a village for a grid, with ``sites`` sites in it; return their ids."""
    strips = -(-number // len(county.villages))
    generator, made = random.Random(SEED), list[GridMember]()
    for position in range(number):
        village, strip = county.villages[position // strips], position % strips
        grid = _strip(village, strip, strips)
        user = User(username=f"planned{position}", name=f"网格员{position}", place=str(COUNTY))
        user.set_unusable_password()
        user.save()
        member = GridMember.objects.create(county=COUNTY, user_id=user.id, code=f"P-{position:05d}", name=user.name,
                                           employer="网格服务中心", town=village.town, home_village=village.code,
                                           hired_on=SINCE)  # fmt: skip
        Posting.objects.create(county=COUNTY, member=member, grid=grid, valid_from=SINCE)
        Site.objects.bulk_create(_sites(generator, village, grid, strip, strips, sites))
        made.append(member)
    papers(made)
    return [member.id for member in made]


def _strip(village: Village, strip: int, strips: int) -> Grid:
    west, south, _, north = village.area.bounds
    area = shapely.box(west + SIDE * strip / strips, south, west + SIDE * (strip + 1) / strips, north)
    code = f"{village.code}{strip + 2:02d}"  # 01 is the village's own
    grid = Grid.objects.create(
        county=COUNTY, code=code, name=code, town=village.town, village=village.code, opened_on=SINCE
    )
    GridVersion.objects.create(county=COUNTY, grid=grid, number=1, boundary=write_area(area), area_m2=area_m2(area),
                               villages=[village.code], is_approximate=True, valid_from=SINCE, **box(area))  # fmt: skip
    return grid


def _sites(
    generator: random.Random, village: Village, grid: Grid, strip: int, strips: int, number: int
) -> Iterator[Site]:
    west, south, _, _ = village.area.bounds
    kinds = generator.choices([one[:2] for one in MIXTURE], [one[2] for one in MIXTURE], k=number)
    now = clock.now()
    for position, (site_type, grade) in enumerate(kinds):
        yield Site(county=COUNTY, code=f"{grid.code}-{position:04d}", name=f"第{position}号", site_type=site_type,
                   risk_grade=grade, town=village.town, village=village.code, grid_id=grid.id, created_at=now, updated_at=now,
                   longitude=west + SIDE * (strip + generator.random()) / strips,
                   latitude=south + SIDE * generator.random())  # fmt: skip
