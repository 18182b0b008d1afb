"""The life of a scenario as one table: which verb leads from where to where, and for whom."""

from __future__ import annotations

from safegrid.foundation.workflow import Row, State, Workflow
from safegrid.planning.models import ScenarioState

OFFICER, CHIEF, SYSTEM = frozenset({"lead_officer"}), frozenset({"lead_chief"}), frozenset({"system"})
EDITABLE = ("ready", "stopped")
OPEN = ("draft", *EDITABLE, "failed")

STATES = tuple(
    State(one.value, str(one.label), turn, final=one == ScenarioState.SUPERSEDED)
    for one, turn in zip(
        ScenarioState,
        (
            "牵头部门经办",
            "系统",
            "系统",
            "牵头部门经办",
            "牵头部门经办",
            "牵头部门经办",
            "牵头部门负责人",
            "系统",
            "",
            "",
        ),
        strict=True,
    )
)
ROWS = (
    Row("create", "新建方案", (), ("draft",), OFFICER, ("name",)),
    Row("copy", "复制方案", (), ("draft",), OFFICER, ("name",)),
    Row("change", "修改参数", OPEN, ("draft",), OFFICER),
    Row("find_clusters", "查找聚集区", ("draft",), (), OFFICER),
    Row("confirm_cluster", "确认聚集区", ("draft",), (), OFFICER, ("name",)),
    Row("refuse_cluster", "不单独成网格", ("draft", *EDITABLE), (), OFFICER, ("reason",)),
    Row("check", "检查数据", ("draft", "failed"), (), OFFICER),
    Row("start", "开始计算", OPEN, ("queued",), OFFICER),
    Row("begin", "开始", ("queued",), ("running",), SYSTEM),
    Row("stop", "停止计算", ("queued", "running"), ("draft",), OFFICER),
    Row("finish", "算完", ("running",), ("ready", "stopped", "failed"), SYSTEM),
    Row("move_unit", "调整单元", EDITABLE, (), OFFICER),
    Row("merge_grids", "合并网格", EDITABLE, (), OFFICER),
    Row("split_grid", "新增网格", EDITABLE, (), OFFICER),
    Row("undo_edit", "撤销调整", EDITABLE, (), OFFICER),
    Row("approve", "批准方案", EDITABLE, ("approved",), CHIEF),
    Row("send_back", "退回修改", ("approved",), ("ready",), CHIEF, ("reason",)),
    Row("publish", "发布方案", ("approved",), ("publishing",), CHIEF, ("valid_from",)),
    Row("take_effect", "发布完成", ("publishing",), ("published", "approved"), SYSTEM),
    Row("discard", "作废方案", (*OPEN, "approved"), ("superseded",), OFFICER | CHIEF, ("reason",)),
    Row("supersede", "被新方案取代", ("approved", "published"), ("superseded",), SYSTEM),
)
SCENARIO = Workflow(
    "planning.scenario",
    STATES,
    ROWS,
    {"name": "名称", "reason": "原因", "valid_from": "启用日期"},
)
