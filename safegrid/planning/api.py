"""Scenarios over the API: drafts, runs with their progress, changes by hand, approval, publication, proposals for postings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from safegrid.foundation.api import Page, current_user, idempotent, paginate
from safegrid.foundation.errors import InvalidInput
from safegrid.planning import selectors, services
from safegrid.planning.schemas import (
    ApproveIn,
    ChangeIn,
    ClusterOut,
    ComparisonOut,
    CopyIn,
    CreateIn,
    EditOut,
    LeftOutOut,
    MergeIn,
    MoveIn,
    NameIn,
    ProgressOut,
    ProposalOut,
    PublishIn,
    ReasonIn,
    ScenarioDetail,
    ScenarioOut,
    SearchIn,
    SplitIn,
    UnitOut,
    VersionIn,
)

router = Router()
ONE = "/scenarios/{county}/{scenario_id}"


def _row(request: HttpRequest, county: int, scenario_id: UUID) -> Any:
    return selectors.scenario_for(current_user(request), county, scenario_id)


def _detail(row: Any) -> dict[str, Any]:
    return {
        **ScenarioOut.from_orm(row).dict(),
        "parameters": row.parameters,
        "findings": selectors.messages_of(row),
        "measured": selectors.figures_of(row),
        "planned": selectors.grids_of(row),
    }


@router.get("/scenarios/{county}", response=Page[ScenarioOut], summary="网格划分方案")
def list_scenarios(
    request: HttpRequest, county: int, town: str = "", state: str = "", purpose: str = "", cursor: str = "",
    limit: int = 50,
) -> Any:  # fmt: skip
    narrowed = {"town": town, "state": state, "purpose": purpose}
    rows = selectors.scenarios(current_user(request)).filter(county=county, **{k: v for k, v in narrowed.items() if v})
    return paginate(rows, cursor=cursor, limit=limit, order=("-created_at", "-id"))


@router.post("/scenarios/{county}", response={201: ScenarioDetail}, summary="新建划分方案")
@idempotent
def create_scenario(request: HttpRequest, county: int, payload: CreateIn) -> Any:
    made = services.create_scenario(acting_user=current_user(request), county=county, **payload.dict())
    return Status(201, _detail(made))


@router.get("/scenarios/{county}/compare", response=ComparisonOut, summary="比较划分方案")
def compare_scenarios(request: HttpRequest, county: int, ids: str) -> Any:
    try:
        wanted = [UUID(one) for one in ids.split(",") if one]
    except ValueError as error:
        raise InvalidInput({"ids": "应为用逗号分隔的方案编号"}) from error
    return selectors.compare(current_user(request), county, wanted)


@router.get(ONE, response=ScenarioDetail, summary="一个划分方案")
def get_scenario(request: HttpRequest, county: int, scenario_id: UUID) -> Any:
    return _detail(_row(request, county, scenario_id))


@router.get(f"{ONE}/progress", response=ProgressOut, summary="计算进度与目前最好的方案")
def scenario_progress(request: HttpRequest, county: int, scenario_id: UUID) -> Any:
    return selectors.progress_of(_row(request, county, scenario_id))


@router.get(f"{ONE}/units", response=list[UnitOut], summary="基本单元")
def scenario_units(request: HttpRequest, county: int, scenario_id: UUID) -> Any:
    return selectors.units_of(_row(request, county, scenario_id))


@router.get(f"{ONE}/map", response=dict[str, Any], summary="基本单元（GeoJSON）")
def scenario_map(request: HttpRequest, county: int, scenario_id: UUID) -> Any:
    return selectors.map_of(_row(request, county, scenario_id))


@router.get(f"{ONE}/outlines", response=dict[str, Any], summary="拟划网格（GeoJSON）")
def scenario_outlines(request: HttpRequest, county: int, scenario_id: UUID) -> Any:
    return selectors.outlines_of(_row(request, county, scenario_id))


@router.get(f"{ONE}/clusters", response=list[ClusterOut], summary="工商业聚集区")
def scenario_clusters(request: HttpRequest, county: int, scenario_id: UUID) -> Any:
    return selectors.clusters_of(_row(request, county, scenario_id))


@router.get(f"{ONE}/left-out", response=list[LeftOutOut], summary="不计入的监管对象")
def scenario_left_out(request: HttpRequest, county: int, scenario_id: UUID) -> Any:
    return selectors.left_out_of(_row(request, county, scenario_id))


@router.get(f"{ONE}/edits", response=list[EditOut], summary="手工调整记录")
def scenario_edits(request: HttpRequest, county: int, scenario_id: UUID) -> Any:
    return selectors.edits_of(_row(request, county, scenario_id))


@router.post(f"{ONE}/copy", response={201: ScenarioDetail}, summary="复制划分方案")
@idempotent
def copy_scenario(request: HttpRequest, county: int, scenario_id: UUID, payload: CopyIn) -> Any:
    row = _row(request, county, scenario_id)
    made = services.copy_scenario(acting_user=current_user(request), scenario=row, **payload.dict())
    return Status(201, _detail(made))


@router.post(f"{ONE}/change", response=ScenarioDetail, summary="修改方案参数")
@idempotent
def change_scenario(request: HttpRequest, county: int, scenario_id: UUID, payload: ChangeIn) -> Any:
    row = _row(request, county, scenario_id)
    return _detail(services.change_scenario(acting_user=current_user(request), scenario=row, **payload.dict()))


@router.post(f"{ONE}/discard", response=ScenarioDetail, summary="作废方案")
@idempotent
def discard_scenario(request: HttpRequest, county: int, scenario_id: UUID, payload: ReasonIn) -> Any:
    row = _row(request, county, scenario_id)
    return _detail(services.discard_scenario(acting_user=current_user(request), scenario=row, **payload.dict()))


@router.post(f"{ONE}/find-clusters", response=list[ClusterOut], summary="查找工商业聚集区")
@idempotent
def find_clusters(request: HttpRequest, county: int, scenario_id: UUID, payload: SearchIn) -> Any:
    row = _row(request, county, scenario_id)
    return services.find_clusters(acting_user=current_user(request), scenario=row, **payload.dict())


@router.post("/scenarios/{county}/clusters/{cluster_id}/confirm", response=ClusterOut, summary="确认聚集区")
@idempotent
def confirm_cluster(request: HttpRequest, county: int, cluster_id: UUID, payload: NameIn) -> Any:
    row = selectors.cluster_for(current_user(request), county, cluster_id)
    return services.confirm_cluster(acting_user=current_user(request), cluster=row, **payload.dict())


@router.post("/scenarios/{county}/clusters/{cluster_id}/refuse", response=ClusterOut, summary="聚集区不单独成网格")
@idempotent
def refuse_cluster(request: HttpRequest, county: int, cluster_id: UUID, payload: ReasonIn) -> Any:
    row = selectors.cluster_for(current_user(request), county, cluster_id)
    return services.refuse_cluster(acting_user=current_user(request), cluster=row, **payload.dict())


@router.post(f"{ONE}/check", response=ScenarioDetail, summary="检查数据")
@idempotent
def check_scenario(request: HttpRequest, county: int, scenario_id: UUID, payload: VersionIn) -> Any:
    row = _row(request, county, scenario_id)
    return _detail(services.check_scenario(acting_user=current_user(request), scenario=row, **payload.dict()))


@router.post(f"{ONE}/start", response=ScenarioDetail, summary="开始计算")
@idempotent
def start_run(request: HttpRequest, county: int, scenario_id: UUID, payload: VersionIn) -> Any:
    row = _row(request, county, scenario_id)
    return _detail(services.start_run(acting_user=current_user(request), scenario=row, **payload.dict()))


@router.post(f"{ONE}/stop", response=ScenarioDetail, summary="停止计算，保留目前最好的方案")
@idempotent
def stop_run(request: HttpRequest, county: int, scenario_id: UUID, payload: VersionIn) -> Any:
    row = _row(request, county, scenario_id)
    return _detail(services.stop_run(acting_user=current_user(request), scenario=row, **payload.dict()))


@router.post(f"{ONE}/move-unit", response=ScenarioDetail, summary="把单元调到另一网格")
@idempotent
def move_unit(request: HttpRequest, county: int, scenario_id: UUID, payload: MoveIn) -> Any:
    row = _row(request, county, scenario_id)
    return _detail(services.move_unit(acting_user=current_user(request), scenario=row, **payload.dict()))


@router.post(f"{ONE}/merge-grids", response=ScenarioDetail, summary="合并两个拟划网格")
@idempotent
def merge_grids(request: HttpRequest, county: int, scenario_id: UUID, payload: MergeIn) -> Any:
    row = _row(request, county, scenario_id)
    return _detail(services.merge_grids(acting_user=current_user(request), scenario=row, **payload.dict()))


@router.post(f"{ONE}/split-grid", response=ScenarioDetail, summary="从网格中划出新网格")
@idempotent
def split_grid(request: HttpRequest, county: int, scenario_id: UUID, payload: SplitIn) -> Any:
    row = _row(request, county, scenario_id)
    return _detail(services.split_grid(acting_user=current_user(request), scenario=row, **payload.dict()))


@router.post(f"{ONE}/undo-edit", response=ScenarioDetail, summary="撤销上一次手工调整")
@idempotent
def undo_edit(request: HttpRequest, county: int, scenario_id: UUID, payload: VersionIn) -> Any:
    row = _row(request, county, scenario_id)
    return _detail(services.undo_edit(acting_user=current_user(request), scenario=row, **payload.dict()))


@router.post(f"{ONE}/approve", response=ScenarioDetail, summary="批准方案")
@idempotent
def approve_scenario(request: HttpRequest, county: int, scenario_id: UUID, payload: ApproveIn) -> Any:
    row = _row(request, county, scenario_id)
    return _detail(services.approve_scenario(acting_user=current_user(request), scenario=row, **payload.dict()))


@router.post(f"{ONE}/send-back", response=ScenarioDetail, summary="退回修改")
@idempotent
def send_back_scenario(request: HttpRequest, county: int, scenario_id: UUID, payload: ReasonIn) -> Any:
    row = _row(request, county, scenario_id)
    return _detail(services.send_back_scenario(acting_user=current_user(request), scenario=row, **payload.dict()))


@router.post(f"{ONE}/publish", response=ScenarioDetail, summary="发布方案")
@idempotent
def publish_scenario(request: HttpRequest, county: int, scenario_id: UUID, payload: PublishIn) -> Any:
    row = _row(request, county, scenario_id)
    return _detail(services.publish_scenario(acting_user=current_user(request), scenario=row, **payload.dict()))


@router.get("/posting-proposals/{county}", response=Page[ProposalOut], summary="网格员派驻建议")
def list_proposals(
    request: HttpRequest,
    county: int,
    state: str = "",
    scenario_id: UUID | None = None,
    cursor: str = "",
    limit: int = 50,
) -> Any:
    rows = selectors.proposals(current_user(request)).filter(county=county)
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(scenario_id=scenario_id) if scenario_id else rows
    return paginate(rows, cursor=cursor, limit=limit, order=("town", "id"))


@router.post("/posting-proposals/{county}/{proposal_id}/confirm", response=ProposalOut, summary="确认派驻建议")
@idempotent
def confirm_posting(request: HttpRequest, county: int, proposal_id: UUID) -> Any:
    row = selectors.proposal_for(current_user(request), county, proposal_id)
    return services.confirm_posting(acting_user=current_user(request), proposal=row)


@router.post("/posting-proposals/{county}/{proposal_id}/decline", response=ProposalOut, summary="不采纳派驻建议")
@idempotent
def decline_posting(request: HttpRequest, county: int, proposal_id: UUID, payload: ReasonIn) -> Any:
    row = selectors.proposal_for(current_user(request), county, proposal_id)
    return services.decline_posting(acting_user=current_user(request), proposal=row, reason=payload.reason)
