"""How the queue goes through many members: a night's run in chunks that several workers share, and plans wanted meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from safegrid.foundation import clock
from safegrid.grids.selectors import counties
from safegrid.patrols.models import MemberPlan, PlanRun, RunState
from safegrid.patrols.selectors import plans_of_run, progress_of
from safegrid.patrols.services.plans import CHUNK, start_night

NIGHT_FROM = 1  # o'clock: the day has begun everywhere, and nobody is at work


def start_nights() -> int:
    """Begin today's planning in every county that has not had it; return in how many."""
    now = clock.now().astimezone(clock.SHANGHAI)
    if now.hour < NIGHT_FROM:
        return 0
    return sum(start_night(county, now.date()) is not None for county in counties())


def plan_chunk(county: int, run_id: UUID, member_ids: Sequence[UUID]) -> int:
    """Plan some members of a run unless it was stopped; whoever plans the last of them ends it. Bears being run twice."""
    from safegrid.patrols.work import plan_members

    runs = PlanRun.objects.filter(county=county, id=run_id, state=RunState.RUNNING)
    written = plan_members(county, member_ids, run_id=run_id, stop=lambda: not runs.exists())
    run = runs.first()
    if run is not None and progress_of(run) >= run.total:
        failed = plans_of_run(run).exclude(failure="").count()
        runs.update(state=RunState.DONE, ended_at=clock.now(), failed=min(run.total, failed))
    return written


def plan_wanted(county: int) -> int:
    """Plan all members of a county whose plans are wanted anew; return how many were written."""
    from safegrid.patrols.work import plan_members

    written = 0
    wanted = MemberPlan.objects.filter(county=county, is_wanted=True)
    while ids := list(wanted.values_list("member_id", flat=True)[:CHUNK]):
        # Not wanted any more from before the reading on: whatever changes later wants it again.
        MemberPlan.objects.filter(county=county, member_id__in=ids).update(is_wanted=False)
        written += plan_members(county, ids)
    return written
