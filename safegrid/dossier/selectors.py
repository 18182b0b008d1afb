"""Everything known of one site (动态监管档案): a view over the contexts that keep it, not a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shapely.geometry import mapping

from safegrid.dossier.events import KINDS, Beside, Event, Viewer, beside, events
from safegrid.duties.selectors import Explanation, explain
from safegrid.foundation import clock
from safegrid.foundation.scope import Actor
from safegrid.grids.selectors import BesideSite, pieces
from safegrid.regions.selectors import full_name
from safegrid.sites import selectors as sites
from safegrid.sites.industries import name_of as industry_name

__all__ = ["KINDS", "Event", "Record", "events", "record"]

RISK_TONES = {"red": "red", "orange": "orange", "yellow": "yellow", "blue": "blue"}


@dataclass(frozen=True)
class Record:
    """The head of a record: what the site is, who looks after it, and why they."""

    site: Any
    facts: list[tuple[str, Any]]
    contacts: list[Any]
    care: list[tuple[str, Any]]
    duty: Explanation
    direct: list[Any]
    is_the_site: bool
    beside: Beside

    @property
    def risk_tone(self) -> str:
        return RISK_TONES.get(self.site.risk_grade, "gray")


def record(user: Actor, county: int, site_id: UUID) -> Record:
    """Return the head of a site's record; raise ``NotVisible`` when the user does not see the site."""
    site = sites.site_for(user, county, site_id)
    today = clock.today()
    known = beside(user, site)
    return Record(
        site=site,
        facts=_facts(site),
        contacts=[one for one in known.sites.contacts if one.is_active],
        care=_care(site, known.grids),
        duty=explain(county=county, site=site, on=today),
        direct=[one for one in known.sites.direct if one.valid_to is None or one.valid_to >= today],
        is_the_site=Viewer(user, site).is_the_site,
        beside=known,
    )


def _facts(site: Any) -> list[tuple[str, Any]]:
    position = "" if site.longitude is None else f"{site.longitude:.6f}，{site.latitude:.6f}"
    return [
        ("编码", site.code),
        ("类型", site.get_site_type_display()),
        ("行业", _industry(site.industry)),
        ("规模", site.get_scale_display()),
        ("从业人数", site.employees),
        ("状态", site.get_status_display()),
        ("统一社会信用代码", site.credit_code),
        ("所在", full_name(site.village or site.town)),
        ("地址", site.address),
        ("营业时间", site.opening_hours),
        ("经度，纬度（WGS 84）", position),
        ("来源", "演示数据" if site.is_demonstration else site.source),
    ]


def _industry(code: str) -> str:
    return f"{industry_name(code)}（{code}）" if code else ""


def _care(site: Any, known: BesideSite) -> list[tuple[str, Any]]:
    if site.grid_id is None:
        return [("网格", "")]
    return [
        ("网格", known.grid.name if known.grid else ""),
        ("网格员", known.answering.name if known.answering else ""),
        *[(one.get_kind_display(), f"{one.name} {one.title}".strip()) for one in known.officers],
    ]


def features(user: Actor, county: int, site_id: UUID) -> list[dict[str, Any]]:
    """Return the GeoJSON features of where a site is: its grid's boundary and itself; raise ``NotVisible``."""
    site = sites.site_for(user, county, site_id)
    found: list[dict[str, Any]] = []
    boundary = _boundary(site)
    if boundary is not None:
        found.append({"type": "Feature", "properties": {"role": "grid"}, "geometry": mapping(boundary)})
    if site.longitude is not None:
        point = {"type": "Point", "coordinates": [site.longitude, site.latitude]}
        properties = {"role": "site", "label": site.shown_name}
        found.append({"type": "Feature", "properties": properties, "geometry": point})
    return found


def _boundary(site: Any) -> Any:
    if site.grid_id is None:
        return None
    return next((one.area for one in pieces(site.county) if one.grid_id == site.grid_id), None)
