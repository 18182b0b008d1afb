"""A site's changes in words, from the trace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from safegrid.foundation import trace
from safegrid.regions import selectors as regions
from safegrid.regions.datum import DATUM_CHOICES
from safegrid.sites import industries
from safegrid.sites.models import ChangeRequest, ReviewState, RiskGrade, Scale, Site, SiteStatus, SiteType

TITLES = {
    "sites.register_site": "登记",
    "sites.change_site": "信息变更",
    "sites.close_site": "停业、注销或迁出",
    "sites.reopen_site": "恢复在册",
    "sites.mark_directly_supervised": "列为直接监管",
    "sites.end_direct_supervision": "结束直接监管",
    "sites.follow_direct_supervision": "直接监管到期生效",
    "sites.add_contact": "新增联系人",
    "sites.change_contact": "修改联系人",
    "sites.unmask_contact": "查看联系人完整信息",
    "sites.unmask_household": "查看户主完整姓名",
    "sites.propose_change": "提出变更申请",
    "sites.accept_change": "采纳变更申请",
    "sites.refuse_change": "不予采纳变更申请",
    "grids.assign_site": "归属网格",
}
LABELS = {
    "name": "名称", "site_type": "类型", "industry": "行业", "scale": "规模", "employees": "从业人数", "risk_grade": "风险等级",
    "credit_code": "统一社会信用代码", "town": "乡镇（街道）", "village": "村（社区）", "address": "地址", "longitude": "经度",
    "opening_hours": "营业时间",
    "latitude": "纬度", "declared_datum": "坐标系", "status": "状态", "is_directly_supervised": "直接监管", "reason": "理由",
    "authority": "直接监管部门", "valid_from": "开始日期", "valid_to": "结束日期", "end_reason": "理由", "words": "说明",
    "phone": "电话", "position": "职务", "id_number": "身份证号", "is_active": "在用", "source": "来源", "state": "审核",
}  # fmt: skip
_CHOICES: dict[str, Mapping[Any, Any]] = {
    "site_type": dict(SiteType.choices),
    "scale": dict(Scale.choices),
    "risk_grade": dict(RiskGrade.choices),
    "status": dict(SiteStatus.choices),
    "declared_datum": dict(DATUM_CHOICES),
    "state": dict(ReviewState.choices),
}


@dataclass(frozen=True)
class HistoryItem:
    """One act upon a site, as the console's timeline shows it."""

    at: datetime
    action: str
    title: str
    words: str
    who: str
    tone: str = "blue"


def history(site: Site, *, limit: int) -> list[HistoryItem]:
    """Return the latest acts upon a site and upon the change requests about it, the latest first."""
    requests = ChangeRequest.objects.filter(county=site.county, site=site).values_list("id", flat=True)
    return items(reversed(trace.rows_about(site.county, [site.id, *requests], limit=limit)))


def items(rows: Iterable[Any]) -> list[HistoryItem]:
    """Return rows of the trace as the timeline of a site shows them, in their order."""
    return [
        HistoryItem(row.at, row.action, TITLES.get(row.action, row.action), in_words(row.changes), row.actor,
                    "orange" if "unmask" in row.action else "blue")
        for row in rows
    ]  # fmt: skip


def in_words(changes: Mapping[str, Any]) -> str:
    """Return changed fields as "label：before → after", what is empty and what has no label left out."""
    told = []
    for name, value in changes.items():
        if name not in LABELS:
            continue
        if isinstance(value, list) and len(value) == 2:
            told.append(f"{LABELS[name]}：{shown(name, value[0])} → {shown(name, value[1])}")
        elif value not in (None, "", []):
            told.append(f"{LABELS[name]}：{shown(name, value)}")
    return "；".join(told)


def shown(name: str, value: Any) -> str:
    """Return a stored value as people read it."""
    if value in (None, ""):
        return "（空）"
    if name in _CHOICES:
        return str(_CHOICES[name].get(value, value))
    if name in ("town", "village"):
        return regions.name_of(str(value))
    if name == "industry":
        return f"{industries.name_of(str(value))}（{value}）"
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)
