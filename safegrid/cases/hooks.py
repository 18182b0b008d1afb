"""What cases do when other contexts act, and what others need to know of cases; connected in ``wiring``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from safegrid.cases import access, said, services
from safegrid.cases.record import PHOTOS_FOR_THE_SITE
from safegrid.cases.workflow import ROWS
from safegrid.foundation import queue
from safegrid.foundation.scope import Actor
from safegrid.notices.kinds import register_kind


def sites_assigned(county: int, assigned: Mapping[UUID, UUID | None], **_more: Any) -> None:
    """Sites have come into other grids."""
    services.follow_sites(county, assigned)


def boundary_changed(county: int, **_more: Any) -> None:
    """Grids have other boundaries."""
    services.follow_boundaries(county)


def sites_renamed(county: int, site_ids: list[UUID], **_more: Any) -> None:
    """Sites have other names."""
    said.follow_names(county, site_ids)


def calendar_changed(county: int, **_more: Any) -> None:
    """Other days are worked: the timers are reckoned again, in the background."""
    queue.enqueue("cases.recompute_timers", county=county)


def may_open_files(user: Actor, county: int, case_id: UUID, purpose: str) -> bool:
    """Say whether the user may open the files of a purpose on a case: whoever sees the case, its site only its own part."""
    if purpose in PHOTOS_FOR_THE_SITE:
        return access.sees(user, county, case_id)
    return access.visible(user, but=access.SITE).filter(county=county, id=case_id).exists()


def case_link(county: int, case_id: UUID) -> str:
    """Return the address of a case's page."""
    return f"/cases/{county}/{case_id}/"


def case_link_in_app(county: int, case_id: UUID) -> str:
    """Return the address of a case in the field app."""
    return f"/m/#/cases/{case_id}"


def register_notice_kinds() -> None:
    """Name every message about a case, for the preferences page; what presses goes out by SMS too."""
    urgent = {"dispatch", "send_first_report", "supervise", "list_major"}
    for row in ROWS:
        if row.tell:
            register_kind(f"cases.{row.verb}", f"案件{row.label}", urgent=row.verb in urgent)
    register_kind("cases.accident", "事故值班通知", urgent=True)
    register_kind("cases.duty_gap", "事故值班空缺提醒")
    register_kind("cases.timer", "案件临期、超期提醒", urgent=True)
