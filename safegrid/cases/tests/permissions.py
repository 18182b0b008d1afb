"""Who comes through the doors of cases: every verb of the API against every person of the cast.

Each verb is tried on a case simply written in a state from which it starts. Whoever may use it gets what its own checks say
of a made-up body (200, 409 or 422); whoever sees the case gets 403; to all others it does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from safegrid.cases import api, schemas
from safegrid.cases.models import Case, CaseAssistance, CaseTimer, Extension, OverdueAppeal, Suspension
from safegrid.cases.workflow import ROWS
from safegrid.foundation import clock
from safegrid.foundation.ids import uuid7
from tests.cast import Cast
from tests.permissions.table import Door

SEEING = ("lead_officer", "lead_chief", "leader", "town_officer", "fire_officer", "auditor", "upper_level")
NOBODY_THERE = "01890a5d-ac96-774b-bcce-b302099a8057"
ANY: dict[Any, Any] = {
    str: "说明", UUID: NOBODY_THERE, list[UUID]: [], datetime: "2030-01-02T09:00:00+08:00", date: "2030-01-02",
    float: 30.5, bool: True, Decimal: "100",
}  # fmt: skip
SPECIAL = {"severity": "general", "kind": "FIRE-EXIT-BLOCKED", "department_id": "{market.id}", "longitude": 120.01}
# What a verb needs of the case beside its first state.
MAJOR = {"severity": "major"}
COLUMNS: dict[str, dict[str, Any]] = {
    "confirm_on_spot": {"is_settled_on_spot": True}, "refuse_on_spot": {"is_settled_on_spot": True},
    "list_major": MAJOR, "delist": {**MAJOR, "is_listed_major": True}, "answer_supervision": {"is_supervised": True},
    "send_first_report": {"is_accident": True}, "report_up": {"is_accident": True},
    "supplement_report": {"is_accident": True}, "close": {"severity": "minor"},
}  # fmt: skip
# Who may use a verb, and what each is answered: by default 422, for photographs and people that do not exist.
LEAD, TRIAGE, DEPT = ("lead_officer",), ("town_officer", "lead_officer"), ("fire_officer",)
BOTH = ("lead_officer", "lead_chief")
MAY: dict[str, tuple[tuple[str, ...], int]] = {
    "confirm_on_spot": (("town_officer",), 200), "refuse_on_spot": (("town_officer",), 200),
    "assign_verification": (TRIAGE, 422), "verify": (("grid_member",), 422), "register": (TRIAGE, 200),
    "reject": (TRIAGE, 200), "merge": (TRIAGE, 422), "unmerge": (LEAD, 200), "receive": (DEPT, 200), "return_": (DEPT, 200),
    "dispute": (("fire_officer", "lead_officer"), 200), "refer_up": (LEAD, 200), "add_assistant": (LEAD, 200),
    "assist_receive": (("market_officer",), 200), "assist_feed_back": (("market_officer",), 200),
    "record_disposal": (DEPT, 200), "order_rectification": (DEPT, 422), "penalise": (DEPT, 200),
    "transfer_out": (DEPT, 200), "submit_rectification": (("site_contact",), 422), "request_extension": (DEPT, 409),
    "grant_extension": (LEAD, 409), "refuse_extension": (LEAD, 200), "request_suspension": (DEPT, 422),
    "grant_suspension": (LEAD, 200), "refuse_suspension": (LEAD, 200), "resume": (DEPT, 200), "feed_back": (DEPT, 422),
    "assign_recheck": (TRIAGE, 422), "recheck_pass": (("town_officer", "fire_officer"), 422),
    "recheck_fail": (("town_officer", "fire_officer"), 422), "waive_recheck": (LEAD, 200), "close": (TRIAGE, 200),
    "reopen": (LEAD, 200), "reclassify": (TRIAGE, 200), "supervise": (("lead_officer", "leader", "upper_level"), 200),
    "answer_supervision": (("fire_officer", "town_officer", "lead_officer"), 409), "list_major": (("lead_chief",), 200),
    "delist": (("lead_chief",), 200), "appeal_overdue": (DEPT, 422), "decide_appeal": (LEAD, 422),
    "send_first_report": (BOTH, 200), "report_up": ((*BOTH, "upper_level"), 409), "supplement_report": (BOTH, 409),
    "cancel": (("lead_chief",), 200),
}  # fmt: skip


def case_for(verb: str) -> Callable[[Cast], Mapping[str, Any]]:
    """Return what writes a case from which ``verb`` starts."""
    state = next(row.sources[0] for row in ROWS if row.verb == verb)

    def prepare(cast: Cast) -> Mapping[str, Any]:
        _ = cast.kinds, cast.duty_rules
        now = clock.now()
        values: dict[str, Any] = {
            "county": cast.county, "number": "330521-250305-DOOR1", "state": state, "kind": cast.general_kind.code,
            "severity": "general", "nature": "hazard", "channel": "member", "words": "安全出口堆满纸箱", "place_kind": "site",
            "site": cast.site, "town": cast.town, "village": cast.village, "grid_id": cast.grid.id, "reported_at": now,
            "updated_at": now, "department": cast.fire, **COLUMNS.get(verb, {}),
        }  # fmt: skip
        if verb == "verify":
            values["verifier_id"] = cast.grid_member.id
        if verb == "submit_rectification":
            values["order_served_at"] = now
        case = Case.objects.create(**values)
        _beside(cast, case, verb)
        return {"case": case}

    return prepare


def _beside(cast: Cast, case: Case, verb: str) -> None:
    """Write what the verb's condition looks for beside the case."""
    now, asker = clock.now(), cast.fire_officer.id
    common = {"county": case.county, "case": case}
    if verb in ("grant_extension", "refuse_extension"):
        Extension.objects.create(**common, until=now, reason="等料", asked_by_id=asker, asked_at=now)
    if verb in ("grant_suspension", "refuse_suspension"):
        Suspension.objects.create(**common, until=date(2030, 1, 2), reason="停产", interim_control="封存",
                                  asked_by_id=asker, asked_at=now)  # fmt: skip
    if verb in ("assist_receive", "assist_feed_back"):
        received = now if verb == "assist_feed_back" else None
        CaseAssistance.objects.create(
            **common, department=cast.market, request="核验", asked_at=now, received_at=received
        )
    if verb == "decide_appeal":
        OverdueAppeal.objects.create(**common, timer_id=uuid7(), reason="停电", asked_by_id=asker, asked_at=now)
    if verb in ("appeal_overdue", "request_extension", "grant_extension"):
        began = datetime(2024, 3, 1, tzinfo=UTC) if verb == "appeal_overdue" else now
        limit = {"value": 1, "unit": "calendar_days"}
        CaseTimer.objects.create(**common, stage="handle", department_id=cast.fire.id, limit=limit, original_limit=limit,
                                 started_at=began, resumed_at=began, due_at=began, state="overdue")  # fmt: skip


def body_of(verb: str) -> dict[str, Any]:
    """Return a body with a value of the right type in every field that the verb asks for, and in those of ``SPECIAL``."""
    fields = schemas.verb_body(verb).model_fields
    wanted = {name: field for name, field in fields.items() if field.is_required() or name in ("longitude", "latitude")}
    given = {name: SPECIAL.get(name, ANY.get(field.annotation, ANY[str])) for name, field in wanted.items()}
    return {**given, **EXTRA.get(verb, {})}


EXTRA: dict[str, dict[str, Any]] = {
    "dispatch": {"department_id": "{lead_department.id}"}, "refer_up": {"referred_up_to": "3305"},
    "reclassify": {"kind": "FIRE-EXTINGUISHER"},
    "recheck_fail": {"longitude": 120.01, "latitude": 30.5},
}  # fmt: skip


def _verb_door(verb: str) -> Door:
    path = f"/api/v1/cases/{{county}}/{{case.id}}/{verb}"
    allowed, status = MAY[verb]
    statuses = {**dict.fromkeys(SEEING, 403), **dict.fromkeys(allowed, status)}
    if verb.startswith("assist_"):
        statuses.setdefault("market_officer", 403)
    return Door("POST", path, {**statuses, **ODD.get(verb, {})}, body=body_of(verb), prepare=case_for(verb))


# Where those who may are answered differently.
MAY["dispatch"] = (LEAD, 200)
MAY["arbitrate"] = (LEAD, 200)
ODD: dict[str, dict[str, int]] = {
    "dispatch": {"town_officer": 403},  # the department is no body of the town
}
PLACE = {"kind": "FIRE-EXIT-BLOCKED", "words": "安全出口堆满纸箱", "place_words": "东门", "town": "330521001"}
REPORTING = ("town_officer", "other_town_officer", "lead_department_officer", "fire_officer", "market_officer",
             "grid_member", "next_grid_member", "committee", "site_contact", "agency_expert")  # fmt: skip
COUNTING = ("lead_officer", "lead_chief", "leader", "town_officer", "other_town_officer", "lead_department_officer",
            "fire_officer", "market_officer", "grid_member", "next_grid_member", "committee", "auditor", "upper_level")  # fmt: skip
INSIDE = (*COUNTING, "hotline_officer", "agency_expert", "site_contact")
ONE = "/api/v1/cases/{county}/{case.id}"
PERIOD = "since=2025-01-01&until=2025-03-31"
DOORS = [
    Door("GET", "/api/v1/cases/{county}", {}, others=200),
    Door("GET", ONE, dict.fromkeys(SEEING, 200), prepare=case_for("receive")),
    Door("GET", "/api/v1/cases/{county}/similar?kind=FIRE-EXIT-BLOCKED",
         dict.fromkeys((*REPORTING, "hotline_officer"), 200), prepare=case_for("receive")),
    Door("GET", f"/api/v1/cases/{{county}}/indices?{PERIOD}",
         {**dict.fromkeys(INSIDE, 403), "system_admin": 403, "reward_officer": 403, **dict.fromkeys(COUNTING, 200)}),
    # Nobody but the hotline may report without a photograph; who is of another town may not report from here.
    Door("POST", "/api/v1/cases/{county}",
         {**dict.fromkeys(REPORTING, 422), **dict.fromkeys(("other_town_officer", "site_contact", "committee"), 403),
          "hotline_officer": 201},
         body=PLACE, prepare=case_for("receive")),
    Door("POST", "/api/v1/cases/{county}/settle_on_spot",
         {**dict.fromkeys((*REPORTING, "hotline_officer"), 403), "grid_member": 422, "next_grid_member": 422},
         body={**PLACE, "before_ids": [], "after_ids": []}, prepare=case_for("receive")),
    *[_verb_door(verb) for verb in api.VERBS],
    Door("GET", "/cases/", dict.fromkeys((*INSIDE, "outsider"), 200)),
    Door("GET", "/cases/{county}/", dict.fromkeys(INSIDE, 200)),
    Door("GET", "/cases/{county}/{case.id}/", dict.fromkeys(SEEING, 200), prepare=case_for("receive")),
    Door("GET", "/cases/{county}/{case.id}/map.json", dict.fromkeys(SEEING, 200), prepare=case_for("receive")),
    Door("GET", "/cases/{county}/{case.id}/receive/", {"fire_officer": 200}, prepare=case_for("receive")),
    Door("POST", "/cases/{county}/{case.id}/receive/", {**dict.fromkeys(SEEING, 403), "fire_officer": 302},
         body={"version": "{case.version}"}, prepare=case_for("receive")),
    Door("GET", "/cases/{county}/new/", dict.fromkeys((*REPORTING, "hotline_officer"), 200), prepare=case_for("receive")),
    Door("GET", "/cases/{county}/new/on-the-spot/", dict.fromkeys(("grid_member", "next_grid_member"), 200),
         prepare=case_for("receive")),
    Door("GET", "/cases/{county}/duty/", dict.fromkeys(set(COUNTING) - {"grid_member", "next_grid_member", "committee"}, 200)),
    Door("GET", "/cases/{county}/indices/", dict.fromkeys(COUNTING, 200)),
]  # fmt: skip
