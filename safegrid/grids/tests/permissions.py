"""Who comes through the doors of grids. What a permitted person is refused by the domain's rules shows as 409 or 422."""

from __future__ import annotations

from typing import Any

from safegrid.foundation import clock
from safegrid.grids.models import GateEvidence, GridOfficer, GridVersion, MemberLeave, Posting
from tests.permissions.table import Door

PLANNERS = ("lead_officer",)
STAFFING = (*PLANNERS, "town_officer")
TOWN = (*STAFFING, "lead_chief", "leader", "auditor", "upper_level")  # who sees the town's members
SEERS = (*TOWN, "grid_member", "committee")  # who sees the grid
SHAPE = {"type": "Polygon", "coordinates": [[[120, 30.5], [120.02, 30.5], [120.02, 30.52], [120, 30.52], [120, 30.5]]]}


def may(people: tuple[str, ...], seers: tuple[str, ...], status: int = 200) -> dict[str, int]:
    """Permitted people get ``status``, those who only see the row 403, others 404."""
    return {**dict.fromkeys(seers, 403), **dict.fromkeys(people, status)}


def member(cast: Any) -> dict[str, Any]:
    return {"member": cast.member_of(cast.grid_member)}


def rows(cast: Any) -> dict[str, Any]:
    one = cast.member_of(cast.grid_member)
    today, owned = clock.today(), {"county": cast.county}
    return {
        "member": one,
        "version": GridVersion.objects.get(grid=cast.grid, **owned),
        "officer": GridOfficer.objects.create(grid=cast.grid, kind="contact", name="李所长", valid_from=today, **owned),
        "paper": GateEvidence.objects.create(member=one, kind="exam", number="1", issued_on=today, **owned),
        "posting": Posting.objects.get(member=one, **owned),
        "leave": MemberLeave.objects.create(member=one, reason="假", first_day=today, last_day=today, **owned),
    }


GRID, MEMBER = "/api/v1/grids/{county}", "/api/v1/grid-members/{county}"
ONE, WHO = f"{GRID}/{{grid.id}}", f"{MEMBER}/{{member.id}}"
SITES = ("lead_officer", "town_officer", "lead_chief", "leader", "auditor", "upper_level", "committee", "grid_member",
         "lead_department_officer", "site_contact", "agency_expert")  # fmt: skip
NEW = {"code": "N1", "name": "新", "town": "{town}", "boundary": SHAPE}
MEMBERS = (*TOWN, "grid_member")
DOORS = [
    Door("GET", "/grids/", {}, others=200),
    Door("GET", "/grids/map.json", {}, others=200),
    Door("GET", "/grids/sites-without-grid/", {}, others=200),
    Door("GET", "/grids/officers/", {}, others=200),
    Door("GET", "/members/postings/", {}, others=200),
    Door("GET", "/members/papers/", {}, others=200),
    Door("GET", "/members/leaves/", {}, others=200),
    Door("GET", "/grids/open/", dict.fromkeys((*PLANNERS, "outsider"), 200)),  # the outsider: in the other county
    Door("GET", "/grids/import/", dict.fromkeys((*PLANNERS, "outsider"), 200)),
    Door("GET", "/grids/import/template.xlsx", dict.fromkeys((*PLANNERS, "outsider"), 200)),
    Door("GET", "/grids/{county}/{grid.id}/", dict.fromkeys(SEERS, 200)),
    Door("GET", "/grids/{county}/{grid.id}/map.json", dict.fromkeys(SEERS, 200)),
    Door("GET", "/grids/{county}/borders.json", dict.fromkeys(PLANNERS, 200)),
    Door("POST", "/grids/{county}/check/", dict.fromkeys(PLANNERS, 200)),
    Door("GET", "/grids/{county}/{grid.id}/change-boundary/", dict.fromkeys(PLANNERS, 200)),
    Door("GET", "/grids/{county}/{grid.id}/post/", dict.fromkeys(STAFFING, 200)),
    Door("GET", "/members/", {}, others=200),
    Door("GET", "/members/enrol/", dict.fromkeys((*STAFFING, "other_town_officer", "outsider"), 200)),
    Door("GET", "/members/import/", dict.fromkeys((*STAFFING, "other_town_officer", "outsider"), 200)),
    Door("GET", "/members/{county}/{member.id}/", dict.fromkeys(MEMBERS, 200), prepare=member),
    Door("GET", "/members/{county}/{member.id}/evidence/", dict.fromkeys(STAFFING, 200), prepare=member),
    Door("GET", GRID, {}, others=200),
    Door("GET", f"{GRID}/shapes", {}, others=200),
    Door("GET", f"{GRID}/sites-without-grid", {}, others=200),
    Door("POST", GRID, dict.fromkeys(PLANNERS, 409), others=403, body=NEW, prepare=lambda cast: {"taken": cast.grid}),
    Door("GET", ONE, dict.fromkeys(SEERS, 200)),
    Door("POST", f"{ONE}/check-boundary", may(PLANNERS, SEERS), body={"boundary": SHAPE}),
    Door("POST", f"{ONE}/change-boundary", may(PLANNERS, SEERS), body={"boundary": SHAPE}),
    Door("POST", f"{GRID}/versions/{{version.id}}/withdraw", may(PLANNERS, SEERS, 409), body={"reason": "不"}, prepare=rows),
    Door("POST", f"{ONE}/change", may(PLANNERS, SEERS), body={"name": "新名", "kind": "village"}),
    Door("POST", f"{ONE}/close", may(PLANNERS, SEERS), body={"reason": "并"}),
    Door("POST", f"{ONE}/name-officer", may(STAFFING, SEERS), body={"kind": "contact", "name": "周"}),
    Door("POST", f"{GRID}/officers/{{officer.id}}/end", may(STAFFING, SEERS), body={"reason": "调"}, prepare=rows),
    Door("POST", f"{GRID}/sites/{{site.id}}/assign",
         {**may(STAFFING, SEERS), "lead_department_officer": 404},
         body={"grid_id": "{grid.id}", "reason": "理由"}),
    Door("POST", f"{GRID}/sites/{{site.id}}/return", may(STAFFING, SITES, 409), body={}),
    Door("GET", f"{GRID}/sites/{{site.id}}", dict.fromkeys(SITES, 200)),
    Door("POST", f"{GRID}/import", {}, others=422),
    Door("GET", MEMBER, {}, others=200),
    Door("POST", MEMBER, dict.fromkeys(STAFFING, 422), others=403,
         body={"username": "x1", "code": "有 空格", "name": "新", "employer": "街道", "town": "{town}"}),
    Door("GET", WHO, dict.fromkeys(MEMBERS, 200), prepare=member),
    Door("GET", f"{WHO}/gates", dict.fromkeys(MEMBERS, 200), prepare=member),
    Door("POST", f"{WHO}/change", may(STAFFING, MEMBERS), body={"employer": "街道"}, prepare=member),
    Door("POST", f"{WHO}/leave-work", may(STAFFING, MEMBERS), body={"reason": "辞"}, prepare=member),
    Door("POST", f"{WHO}/evidence", may(STAFFING, MEMBERS),
         body={"kind": "exam", "number": "2", "issued_on": "2026-01-01"}, prepare=member),
    Door("POST", f"{MEMBER}/evidence/{{paper.id}}/revoke", may(STAFFING, MEMBERS), body={"reason": "假"}, prepare=rows),
    Door("POST", f"{WHO}/post", may(STAFFING, MEMBERS, 409), body={"grid_id": "{grid.id}"}, prepare=member),
    Door("POST", f"{MEMBER}/postings/{{posting.id}}/end", may(STAFFING, MEMBERS), body={"reason": "换"}, prepare=rows),
    Door("POST", f"{WHO}/leaves", may(STAFFING, MEMBERS, 201),
         body={"first_day": "2096-01-01", "last_day": "2096-01-02", "reason": "假"}, prepare=member),
    Door("POST", f"{MEMBER}/leaves/{{leave.id}}/end", may(STAFFING, MEMBERS), body={}, prepare=rows),
    Door("POST", f"{MEMBER}/import", {}, others=422),
]  # fmt: skip
