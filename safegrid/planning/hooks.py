"""What planning does when other contexts act, subscribed in ``wiring.py``; and the notices it sends."""

from __future__ import annotations

from safegrid.notices.kinds import register_kind


def register_notices() -> None:
    """Name the notices that planning sends."""
    register_kind("planning.run", "划分方案计算结果")
    register_kind("planning.publish", "划分方案发布结果")
    register_kind("planning.balance", "网格工作量失衡提醒")
    register_kind("planning.posting", "网格员派驻建议")
