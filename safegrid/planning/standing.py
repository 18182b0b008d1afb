"""Does a plan still fit what is there: grids opened or closed since it was worked out."""

from __future__ import annotations

from safegrid.foundation import clock
from safegrid.foundation.errors import Refused
from safegrid.grids import selectors as grids
from safegrid.planning import kept
from safegrid.planning.models import Scenario


def check_today(scenario: Scenario) -> None:
    """Raise ``Refused`` where the grids of the territory are no longer those the plan was worked out from."""
    known = set(kept.units_of(scenario).today_grids)
    present = {one.id: one for one in grids.open_at(scenario.county, scenario.town)}
    opened = [one for key, one in present.items() if key not in known]
    new = [one.code for one in opened]
    gone = len(known - set(present))
    if later := [one.opened_on for one in opened if one.opened_on > clock.today()]:
        raise Refused(f"已发布的划分自 {max(later)} 起启用，启用之后才能再改：到那天重新计算，再批准、发布")
    if new:
        raise Refused(f"方案算出后新设了网格 {'、'.join(new[:3])}{'等' if len(new) > 3 else ''}，请重新计算")
    if gone:
        raise Refused(f"方案算出后撤销了 {gone} 个网格，请重新计算")
