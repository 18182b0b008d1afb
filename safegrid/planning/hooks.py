"""What planning does when other contexts act, subscribed in ``wiring.py``; and the notices it sends."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from safegrid.notices.kinds import register_kind, register_link


def boundary_changed(*, county: int, **_more: Any) -> None:
    """Grids have other boundaries: where a published plan begins today, place the sites that no boundary can place."""
    from safegrid.planning.publication import settle_due

    settle_due(county)


def register_notices() -> None:
    """Name the notices that planning sends, and where they lead."""
    register_kind("planning.run", "划分方案计算结果")
    register_kind("planning.publish", "划分方案发布结果")
    register_kind("planning.balance", "网格工作量失衡提醒")
    register_kind("planning.posting", "网格员派驻建议")
    register_link("planning.scenario", lambda county, scenario: reverse("planning:scenario", args=[county, scenario]))
