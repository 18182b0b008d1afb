"""What notices need to know of sites; connected in ``wiring.py``."""

from __future__ import annotations

from uuid import UUID

from safegrid.notices.kinds import register_kind, register_link


def register_notices() -> None:
    """Name every message about sites, for the preferences page, and say where each leads."""
    register_kind("sites.propose_change", "台账变更申请待审核")
    register_kind("sites.accept_change", "台账变更申请已采纳")
    register_kind("sites.refuse_change", "台账变更申请未采纳")
    register_kind("sites.import", "台账导入、比对结果")
    register_link("sites.changerequest", lambda county, row_id: _address("changes", county, row_id))
    register_link("sites.importrun", lambda county, row_id: _address("imports", county, row_id))


def _address(list_name: str, county: int, row_id: UUID) -> str:
    return f"/sites/{list_name}/{county}/{row_id}/"
