"""What a phone keeps to go on patrol without a network: the sites, what is known of visits to them, what to do, the routes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

from safegrid.cases.selectors import open_numbers
from safegrid.foundation import clock
from safegrid.foundation.calendar import work_calendar
from safegrid.foundation.fieldwork import Task
from safegrid.foundation.scope import Actor, held
from safegrid.handbook.selectors import checklist_for, visit_norm
from safegrid.patrols import selectors
from safegrid.patrols.codes import code_of
from safegrid.patrols.ground import LISTED_DAYS, last_visits
from safegrid.regions import selectors as regions
from safegrid.sites import access as site_access
from safegrid.sites import selectors as sites
from safegrid.sites.industries import name_of as industry_name

KINDS = ("grid_member", "committee")
NEAR = timedelta(days=2)
Rows = Iterable[tuple[str, dict[str, Any]]]


def _sites(user: Actor, county: int, kinds: tuple[str, ...]) -> list[Any]:
    if not held(user, *kinds):
        return []
    rows = site_access.visible(user, kinds).filter(county=county, status__in=("active", "paused"))
    return list(rows.order_by("code"))


def sites_feed(user: Actor, county: int) -> Rows:
    """The feed ``sites``: those of a member's grids, of a committee's village. Contacts and heads of households are masked."""
    found = _sites(user, county, KINDS)
    ids = [site.id for site in found]
    contacts = sites.contacts_of_sites(county, ids)
    names = regions.names_of({code for site in found for code in (site.town, site.village) if code})
    is_member = bool(held(user, "grid_member"))
    for site in found:
        checklist = checklist_for(county, site.site_type, site.industry)
        yield str(site.id), {
            "code": site.code, "name": site.shown_name, "site_type": site.site_type,
            "site_type_label": site.get_site_type_display(), "industry": site.industry,
            "industry_name": industry_name(site.industry) if site.industry else "", "scale": site.scale,
            "risk_grade": site.risk_grade, "risk_label": site.get_risk_grade_display(), "employees": site.employees,
            "address": site.address, "opening_hours": site.opening_hours, "town": site.town, "village": site.village,
            "village_name": names.get(site.village, site.village), "longitude": site.longitude, "latitude": site.latitude,
            "grid_id": site.grid_id, "status": site.status, "status_label": site.get_status_display(), "version": site.version,
            "checklist_id": checklist.id if checklist is not None else None,
            "qr": code_of(county, site.id) if is_member else "",
            "contacts": [{"id": one.id, "name": one.name, "position": one.position, "phone": one.phone}
                         for one in contacts.get(site.id, [])],
            "is_directly_supervised": site.is_directly_supervised,
        }  # fmt: skip


def visits_feed(user: Actor, county: int) -> Rows:
    """The feed ``visits``: when each own site was last visited, how often it should be, how many cases are open there."""
    found = _sites(user, county, ("grid_member",))
    ids = [site.id for site in found]
    last, cases = last_visits(county, ids), open_numbers(county, ids)
    for site in found:
        norm = visit_norm(county, site.site_type, site.risk_grade)
        on, outcome = last.get(site.id, (None, ""))
        yield str(site.id), {
            "last_visit_on": on, "last_outcome": outcome, "visits_a_year": norm.visits_a_year if norm else 0,
            "minutes": norm.minutes if norm else 0, "open_cases": cases.get(site.id, 0),
        }  # fmt: skip


def tasks(user: Actor, county: int) -> Iterator[Task]:
    """The tasks ``patrols.visit``: what is overdue, of today, of the next two weeks, and what found no place in them."""
    today = clock.today()
    for row in _own_open(user, county):
        if row.on is not None and row.on >= today + timedelta(days=LISTED_DAYS):
            continue
        site, reason = row.site, str(row.get_reason_display())
        late = (today - row.due_by).days
        said = [reason, f"已超期 {late} 天" if late > 0 else f"{row.due_by:%m-%d} 前完成"]
        if row.left_out:
            said.append(str(row.get_left_out_display()))
        if row.skips:
            said.append(f"已跳过 {row.skips} 次：{row.skip_reason}")
        checklist = checklist_for(county, site.site_type, site.industry)
        yield Task(
            id=str(row.id), title=site.shown_name, words="；".join(said), site_id=site.id, longitude=site.longitude,
            latitude=site.latitude, due_at=datetime.combine(row.due_by + timedelta(days=1), time.min, clock.SHANGHAI),
            on=row.on, is_mandatory=row.left_out != "later",
            urgency="overdue" if late > 0 else "near" if row.due_by <= today + NEAR else "normal",
            data={"minutes": row.minutes, "reason": row.reason, "reason_label": reason, "skips": row.skips,
                  "checklist_id": str(checklist.id) if checklist is not None else None, "position": row.position,
                  "left_out": row.left_out},
        )  # fmt: skip


def _own_open(user: Actor, county: int) -> list[Any]:
    if not held(user, "grid_member"):
        return []
    rows = selectors.planned(user).filter(county=county, member_user_id=user.id, state="planned")
    return list(rows.order_by("on", "position", "due_by", "id"))


def route_feed(user: Actor, county: int) -> Rows:
    """The feed ``route``: the days' calls in order from today on; what found no place stands with today."""
    plan = selectors.plan_of(user, county) if held(user, "grid_member") else None
    if plan is None:
        return
    calls: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    out = []
    for row in _own_open(user, county):
        if row.left_out:
            out.append(row.site_id)
        elif row.position is not None:
            calls[row.on].append({"site_id": row.site_id, "task_id": row.id, "arrives": row.arrives, "begins": row.begins,
                                  "leaves": row.leaves})  # fmt: skip
    today = clock.today()
    days = selectors.days_of_plan(plan, today)
    for on in sorted({today, *days}):
        day = days.get(on)
        yield on.isoformat(), {
            "calls": calls.get(on, []), "travel_minutes": day.travel_minutes if day else 0, "mode": plan.mode,
            "left_out": out if on == today else [], "departs": day.departs if day else None,
            "returns": day.returns if day else None,
            "start": {"longitude": day.longitude, "latitude": day.latitude} if day else None,
            "hours": _hours(plan),
        }  # fmt: skip


def _hours(plan: Any) -> dict[str, Any]:
    """Return the member's working hours and pauses (minutes after midnight), by which the phone plans a day anew."""
    sessions = [(_minutes(begin), _minutes(end)) for begin, end in work_calendar(plan.county).schedule.sessions]
    begins = plan.begins if plan.begins is not None else sessions[0][0]
    ends = plan.ends if plan.ends is not None else sessions[-1][1]
    pauses = [(a, b) for (_, a), (b, _) in pairwise(sessions)]
    return {"begins": begins, "ends": ends, "breaks": [(a, b) for a, b in pauses if a < ends and b > begins]}


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
