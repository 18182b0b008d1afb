"""Who comes through the doors of planning. What a permitted person is refused by the domain's rules shows as 409 or 422."""

from __future__ import annotations

from typing import Any

from safegrid.foundation import clock
from safegrid.planning.models import Cluster, PostingProposal, Scenario
from tests.permissions.table import Door

LEAD, CHIEF = ("lead_officer",), ("lead_chief",)
COUNTY = ("lead_officer", "lead_chief", "leader", "auditor", "upper_level")
SEERS = (*COUNTY, "town_officer")
MAKERS = {"lead_officer": 200}
ONE, ALL = "/api/v1/scenarios/{county}/{scenario.id}", "/api/v1/scenarios/{county}"


def may(people: tuple[str, ...], status: int = 200) -> dict[str, int]:
    """Permitted people get ``status``, those who only see the scenario 403, others 404."""
    return {**dict.fromkeys(SEERS, 403), **dict.fromkeys(people, status)}


def rows(cast: Any) -> dict[str, Any]:
    owned: dict[str, Any] = {"county": cast.county}
    scenario = Scenario.objects.create(
        name="方案", town=cast.town, state="draft", parameters={}, created_at=clock.now(), **owned
    )
    return {
        "scenario": scenario,
        "cluster": Cluster.objects.create(
            scenario=scenario, name="市场", town=cast.town, boundary=b"", sites=30, minutes=1, **owned
        ),
        "proposal": PostingProposal.objects.create(
            scenario=scenario,
            town=cast.town,
            grid_id=cast.grid.id,
            member_id=cast.member_of(cast.grid_member).id,
            **owned,
        ),
    }


def _door(method: str, path: str, statuses: dict[str, int], **more: Any) -> Door:
    return Door(method, path, statuses, prepare=rows, **more)


DOORS = [
    Door("GET", ALL, {}, others=200),
    Door("POST", ALL, {"lead_officer": 201}, others=403, body={"name": "新方案", "town": "{town}"}),
    _door("GET", f"{ALL}/compare?ids={{scenario.id}}", dict.fromkeys(SEERS, 200)),
    _door("GET", ONE, dict.fromkeys(SEERS, 200)),
    _door("GET", f"{ONE}/progress", dict.fromkeys(SEERS, 200)),
    _door("GET", f"{ONE}/units", {}),
    _door("GET", f"{ONE}/map", {}),
    _door("GET", f"{ONE}/outlines", dict.fromkeys(SEERS, 200)),
    _door("GET", f"{ONE}/clusters", dict.fromkeys(SEERS, 200)),
    _door("GET", f"{ONE}/left-out", dict.fromkeys(SEERS, 200)),
    _door("GET", f"{ONE}/edits", dict.fromkeys(SEERS, 200)),
    _door("POST", f"{ONE}/copy", may(LEAD, 201), body={"name": "另一方案"}),
    _door("POST", f"{ONE}/change", may(LEAD), body={"changes": {"tolerance": 0.2}}),
    _door("POST", f"{ONE}/discard", {**may(LEAD), "lead_chief": 200}, body={"reason": "不用"}),
    _door("POST", f"{ONE}/find-clusters", may(LEAD), body={"distance_m": 60, "at_least": 30}),
    _door("POST", f"{ALL}/clusters/{{cluster.id}}/confirm", may(LEAD, 422), body={"name": ""}),
    _door("POST", f"{ALL}/clusters/{{cluster.id}}/refuse", may(LEAD), body={"reason": "太小"}),
    _door("POST", f"{ONE}/check", may(LEAD), body={}),
    _door("POST", f"{ONE}/start", may(LEAD), body={}),
    _door("POST", f"{ONE}/stop", may(LEAD, 409), body={}),
    _door("POST", f"{ONE}/move-unit", may(LEAD, 409), body={"unit": 0, "to_grid": 1}),
    _door("POST", f"{ONE}/merge-grids", may(LEAD, 409), body={"grids": [0, 1]}),
    _door("POST", f"{ONE}/split-grid", may(LEAD, 409), body={"units": [0]}),
    _door("POST", f"{ONE}/undo-edit", may(LEAD, 409), body={}),
    _door("POST", f"{ONE}/approve", may(CHIEF, 409), body={}),
    _door("POST", f"{ONE}/send-back", may(CHIEF, 409), body={"reason": "再看"}),
    _door("POST", f"{ONE}/publish", may(CHIEF, 409), body={"valid_from": "2096-01-01"}),
    Door("GET", "/api/v1/posting-proposals/{county}", {}, others=200),
    _door("POST", "/api/v1/posting-proposals/{county}/{proposal.id}/confirm", may(("lead_officer", "town_officer"), 409)),
    _door("POST", "/api/v1/posting-proposals/{county}/{proposal.id}/decline", may(("lead_officer", "town_officer")),
          body={"reason": "另排"}),
]  # fmt: skip
