"""Working a scenario out on the queue: progress, stopping, failing with reasons, figures with bounds, comparison."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
import shapely

from gridplan.stop import Progress
from gridplan.validators import validate
from safegrid.foundation import clock, trace
from safegrid.foundation.errors import NotPermitted, Refused, WrongState
from safegrid.foundation.testing import run_queue
from safegrid.notices.selectors import latest
from safegrid.planning import kept, selectors, services, work
from safegrid.planning.models import Cluster, Scenario
from safegrid.planning.tests.conftest import SIDE, SOUTH, WEST, A, B, C
from safegrid.regions.models import RegionShape


def test_a_run_divides_the_town_into_valid_grids(ready):
    units, label = kept.units_of(ready), kept.label_of(ready)
    assert validate(units.problem, label) == []
    assert ready.figures["grids"] == len(ready.grids) == int(units.problem.grids.sum())
    assert ready.figures["worst_deviation"] <= 0.15
    assert ready.figures["sites"] == 222
    per_village = {code: [one for one in selectors.grids_of(ready) if one.village == code] for code in (A, B, C)}
    assert len(per_village[A]) > len(per_village[B]) > len(per_village[C]) == 1


def test_the_same_seed_gives_the_same_plan(ready, lead):
    again = services.copy_scenario(acting_user=lead, scenario=ready, name="再算一次")
    services.start_run(acting_user=lead, scenario=again)
    run_queue()
    again.refresh_from_db()
    assert again.labels == ready.labels


def test_the_run_and_its_end_are_in_the_trace_and_told(ready, lead):
    actions = [one.action for one in trace.trace_of(ready)]
    assert actions == ["planning.create", "planning.start", "planning.finish"]
    assert ready.name in latest(lead, 5)[0].title


def test_a_village_grid_that_stays_alone_keeps_code_and_members(ready):
    rows = {one.village: one for one in selectors.grids_of(ready) if one.keeps}
    assert rows[C].code == f"{C}01"
    assert ready.figures["kept_grids"] == len(rows)


def test_new_grids_are_numbered_from_the_north_west(ready):
    units, label = kept.units_of(ready), kept.label_of(ready)
    new = [one for one in selectors.grids_of(ready) if one.village == A and not one.keeps]
    assert all(one.code.startswith(A) and len(one.code) == 14 for one in new)
    assert len({one.code for one in selectors.grids_of(ready)}) == len(ready.grids)
    middle = {one.code: units.problem.position[label == one.number].mean(axis=0) for one in new}
    if len(new) == 2:
        first, second = (middle[code] for code in sorted(middle))
        assert first[1] > second[1] - 800 or first[0] < second[0]


def test_figures_carry_proven_bounds(ready):
    lines = {one.key: one for one in selectors.figures_of(ready)}
    assert lines["grids"].bound is not None
    assert lines["grids"].bound <= lines["grids"].value
    assert lines["worst_deviation"].bound <= lines["worst_deviation"].value + 1e-9
    assert lines["cut_border_km"].bound <= lines["cut_border_km"].value + 1e-9
    assert lines["cut_border_km"].method
    assert 0 < lines["distance"].bound <= lines["distance"].value + 1e-9
    assert lines["distance"].shown.endswith("米")


def test_moved_sites_are_counted_against_todays_grids(ready):
    # A's one grid becomes several: only one of them can be what it was.
    assert 0 < ready.figures["moved_sites"] < 222


def test_progress_is_written_and_a_wish_to_stop_is_seen(draft, lead):
    services.check_scenario(acting_user=lead, scenario=draft)
    services.start_run(acting_user=lead, scenario=draft)
    draft.swap(state="running", started_at=clock.now() - timedelta(seconds=42))
    units = kept.units_of(draft)
    watch = work.Watch(draft, units)
    label = np.asarray(units.problem.first[units.problem.container], dtype=np.int32)
    assert watch(Progress(1.0, 5, label, units.problem)) is False
    shown = selectors.progress_of(selectors.scenario_for(lead, draft.county, draft.id))
    assert (shown["rounds"], shown["labels"], shown["is_over"]) == (5, label.tolist(), False)
    assert shown["seconds"] >= 42  # of the whole run: each step of it counts for itself
    services.stop_run(acting_user=lead, scenario=draft)
    watch._last = 0.0
    assert watch(Progress(2.0, 9, label, units.problem)) is True


def test_a_stopped_run_keeps_the_best_plan(draft, lead, monkeypatch):
    services.start_run(acting_user=lead, scenario=draft)
    began = work.Watch.__call__

    def stop_at_once(self, progress):
        Scenario.objects.filter(county=draft.county, id=draft.id).update(stop_requested=True)
        return began(self, progress)

    monkeypatch.setattr(work.Watch, "__call__", stop_at_once)
    run_queue()
    draft.refresh_from_db()
    assert draft.state == "stopped"
    assert len(draft.labels) == len(kept.units_of(draft))


def test_stopping_what_waits_makes_it_a_draft_and_the_queue_leaves_it(draft, lead):
    services.start_run(acting_user=lead, scenario=draft)
    services.stop_run(acting_user=lead, scenario=draft)
    run_queue()
    draft.refresh_from_db()
    assert (draft.state, draft.labels) == ("draft", [])


def test_a_run_whose_worker_died_is_worked_out_anew(draft, lead):
    services.start_run(acting_user=lead, scenario=draft)
    draft.swap(state="running")
    run_queue()
    draft.refresh_from_db()
    assert draft.state == "ready"


def test_a_finished_run_delivered_twice_changes_nothing(ready):
    before = ready.version
    work.run(ready.county, ready.id)
    ready.refresh_from_db()
    assert ready.version == before


def test_blocking_findings_end_the_run_with_their_remedy(draft, lead):
    wide = shapely.box(WEST, SOUTH, WEST + 1.5 * SIDE, SOUTH + SIDE)
    RegionShape.objects.filter(county=draft.county, code=A).update(boundary=shapely.to_wkb(wide))
    services.start_run(acting_user=lead, scenario=draft)
    run_queue()
    draft.refresh_from_db()
    assert draft.state == "failed"
    assert selectors.messages_of(draft)[0].is_blocking
    assert draft.message


def test_only_the_lead_office_starts_and_only_once(draft, lead, town_officer, chief):
    for user in (town_officer, chief):
        with pytest.raises(NotPermitted):
            services.start_run(acting_user=user, scenario=draft)
    services.start_run(acting_user=lead, scenario=draft)
    with pytest.raises(WrongState):
        services.start_run(acting_user=lead, scenario=draft)


def test_the_price_of_village_borders_is_seen_beside_town_borders(ready, lead):
    town = services.copy_scenario(acting_user=lead, scenario=ready, name="不跨镇", changes={"nesting": "town"})
    services.start_run(acting_user=lead, scenario=town)
    run_queue()
    town.refresh_from_db()
    found = selectors.compare(lead, ready.county, [ready.id, town.id])
    lines = {one.key: one for one in found.lines}
    assert [one.id for one in found.scenarios] == [ready.id, town.id]
    assert lines["grids"].cells[1].value <= lines["grids"].cells[0].value
    assert lines["split_villages"].best
    assert lines["members_there"].best == ()


def test_a_cluster_gets_a_grid_of_its_own_when_confirmed(draft, lead, scatter):
    at_border = WEST + SIDE
    scatter(A, 60, box=(at_border - 0.0008, SOUTH + 0.01, at_border + 0.0008, SOUTH + 0.0112))
    found = services.find_clusters(acting_user=lead, scenario=draft, distance_m=60, at_least=25)
    assert len(found) == 1
    services.confirm_cluster(acting_user=lead, cluster=found[0], name="模具市场")
    services.start_run(acting_user=lead, scenario=draft)
    run_queue()
    draft.refresh_from_db()
    assert draft.state == "ready", draft.message
    mine = [one for one in selectors.grids_of(draft) if one.kind == "cluster"]
    assert {one.name for one in mine} >= {"模具市场第1网格"}
    assert {village for one in mine for village in one.villages} == {A, B}
    assert mine[0].code.startswith(f"{A[:9]}000")


def test_a_refused_or_dropped_cluster_gets_none(draft, lead, scatter):
    scatter(A, 60, box=(WEST + 0.009, SOUTH + 0.01, WEST + 0.0102, SOUTH + 0.0112))
    first = services.find_clusters(acting_user=lead, scenario=draft, distance_m=60, at_least=25)[0]
    second = services.find_clusters(acting_user=lead, scenario=draft, distance_m=80, at_least=25)[0]
    from safegrid.foundation.errors import Conflict

    with pytest.raises(Conflict):
        services.confirm_cluster(acting_user=lead, cluster=first, name="旧的")
    services.refuse_cluster(acting_user=lead, cluster=second, reason="规模太小")
    services.start_run(acting_user=lead, scenario=draft)
    run_queue()
    draft.refresh_from_db()
    assert not [one for one in selectors.grids_of(draft) if one.kind == "cluster"]


def test_no_plan_is_approved_while_a_cluster_waits_for_a_decision(draft, lead, chief, scatter):
    scatter(A, 60, box=(WEST + 0.009, SOUTH + 0.01, WEST + 0.0102, SOUTH + 0.0112))
    [found] = services.find_clusters(acting_user=lead, scenario=draft, distance_m=60, at_least=25)
    services.start_run(acting_user=lead, scenario=draft)
    run_queue()
    draft.refresh_from_db()
    with pytest.raises(Refused, match=found.name):
        services.approve_scenario(acting_user=chief, scenario=draft, words="同意")
    with pytest.raises(WrongState):  # it would need grids of its own
        services.confirm_cluster(
            acting_user=lead, cluster=Cluster.objects.get(county=draft.county, id=found.id), name="模具市场"
        )
    services.refuse_cluster(
        acting_user=lead, cluster=Cluster.objects.get(county=draft.county, id=found.id), reason="都是小店"
    )
    said = draft.message
    assert said
    draft.refresh_from_db()
    assert draft.message == said  # what the run said of the plan still holds
    assert [one.action for one in trace.trace_of(draft)][-1] == "planning.refuse_cluster"
    assert services.approve_scenario(acting_user=chief, scenario=draft, words="同意").state == "approved"
    Cluster.objects.filter(county=draft.county, id=found.id).update(
        state="found"
    )  # as approved before there was this rule
    with pytest.raises(Refused, match="先退回"):
        services.publish_scenario(acting_user=chief, scenario=draft, valid_from=clock.today())


def test_a_cluster_with_grids_in_the_plan_is_not_refused_after_the_run(draft, lead, scatter):
    scatter(A, 60, box=(WEST + 0.009, SOUTH + 0.01, WEST + 0.0102, SOUTH + 0.0112))
    [found] = services.find_clusters(acting_user=lead, scenario=draft, distance_m=60, at_least=25)
    services.confirm_cluster(acting_user=lead, cluster=found, name="模具市场")
    services.start_run(acting_user=lead, scenario=draft)
    run_queue()
    with pytest.raises(Refused, match="复制方案"):
        services.refuse_cluster(
            acting_user=lead, cluster=Cluster.objects.get(county=draft.county, id=found.id), reason="太小"
        )


def test_a_scenario_that_evens_out_grids_sets_no_cluster_apart(draft, lead, scatter):
    scatter(A, 60, box=(WEST + 0.009, SOUTH + 0.01, WEST + 0.0102, SOUTH + 0.0112))
    [found] = services.find_clusters(acting_user=lead, scenario=draft, distance_m=60, at_least=25)
    Scenario.objects.filter(county=draft.county, id=draft.id).update(purpose="improve")
    draft.refresh_from_db()
    with pytest.raises(Refused, match="新建方案"):
        services.find_clusters(acting_user=lead, scenario=draft, distance_m=60, at_least=25)
    with pytest.raises(Refused, match="新建方案"):
        services.confirm_cluster(
            acting_user=lead, cluster=Cluster.objects.get(county=draft.county, id=found.id), name="模具市场"
        )
