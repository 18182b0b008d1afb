"""Chinese words for what the trace says of a site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ACTIONS = {
    "sites.register_site": "登记入台账",
    "sites.change_site": "变更台账",
    "sites.close_site": "注销",
    "sites.reopen_site": "恢复在册",
    "sites.mark_directly_supervised": "列为直接监管",
    "sites.end_direct_supervision": "解除直接监管",
    "sites.follow_direct_supervision": "直接监管到期变更",
    "sites.add_contact": "登记联系人",
    "sites.change_contact": "变更联系人",
    "sites.unmask_contact": "查看联系人电话",
    "sites.unmask_household": "查看户主姓名",
    "grids.assign_site_by_hand": "手工指定网格",
    "grids.return_to_location": "恢复按位置归属网格",
}
FIELDS = {
    "code": "编码", "name": "名称", "site_type": "类型", "industry": "行业", "scale": "规模", "employees": "从业人数",
    "risk_grade": "风险等级", "credit_code": "统一社会信用代码", "town": "乡镇（街道）", "village": "村（社区）", "address": "地址",
    "longitude": "经度", "latitude": "纬度", "declared_datum": "坐标基准", "status": "状态", "reason": "原因",
    "authority": "直接监管部门", "source": "来源", "is_directly_supervised": "直接监管", "position": "职务",
    "valid_from": "起", "valid_to": "止",
}  # fmt: skip
VALUES = {True: "是", False: "否", None: "空", "": "空"}


def action_words(action: str) -> str:
    return ACTIONS.get(action, "其他变更")


def change_words(changes: Mapping[str, Any], choices: Mapping[str, Mapping[str, str]]) -> str:
    """Return the changes in words: "地址：甲 → 乙；风险等级：低风险 → 较大风险". ``choices``: field → value → label."""
    said = []
    for field, value in changes.items():
        if field not in FIELDS:
            continue
        labels = choices.get(field, {})
        if isinstance(value, list) and len(value) == 2:
            before, after = (_shown(one, labels) for one in value)
            said.append(f"{FIELDS[field]}：{before} → {after}")
        elif not isinstance(value, (list, dict)) and value not in (None, ""):
            said.append(f"{FIELDS[field]}：{_shown(value, labels)}")
    return "；".join(said)


def _shown(value: Any, labels: Mapping[str, str]) -> str:
    if isinstance(value, (bool, type(None))) or value == "":
        return VALUES[value]
    return str(labels.get(str(value), value))
