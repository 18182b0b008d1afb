"""The life of a case as one table: which verb leads from where to where, for whom, with what, and what is then timed.

The engine (``services._engine``), the API, the console, the role table and the diagram in ``docs`` all read this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from django.utils.translation import gettext_noop as _

from safegrid.cases.fields import LABELS
from safegrid.cases.models import Stage
from safegrid.foundation.workflow import Row, State, Workflow
from safegrid.foundation.worktime import TimeLimit, TimeUnit

# 生产安全事故报告和调查处理条例（国务院令第493号）第九条: within one hour to the county.
FIRST_REPORT_LIMIT = TimeLimit(1, TimeUnit.URGENT_HOURS)
# The same, 第十一条: each level reports to the next one above within two hours.
REPORT_UP_LIMIT = TimeLimit(2, TimeUnit.URGENT_HOURS)


class Op(StrEnum):
    """What happens to a stage's timer. ``RUN`` starts it, resumes it when paused, restarts it for a new department."""

    RUN = "run"
    PAUSE = "pause"
    STOP = "stop"


class Effect(NamedTuple):
    op: Op
    stage: str


class Audience(StrEnum):
    """Who is told of an act, found when the message is sent."""

    TURN = "turn"  # whoever has to act in the state the case is in now
    REPORTER = "reporter"
    DEPARTMENT = "department"
    ASSISTANTS = "assistants"
    LEAD = "lead"
    CHIEF = "chief"
    TOWN = "town"
    VERIFIER = "verifier"
    RECHECKER = "rechecker"
    SITE = "site"
    SUPERVISORS = "supervisors"  # who ever gave an instruction on the case
    DESK = "desk"  # the accident duty desk; nobody when the case is no accident


@dataclass(frozen=True)
class CaseRow(Row):
    """A row of the table with what only cases have.

    ``optional``: fields that may be given. ``conditions``: (role, condition) pairs that narrow a role here instead
    of its usual condition; their meaning is in ``conditions.py``. ``may_stay``: the state may also stay as it is.
    ``effects``: what happens to timers, in order. ``tell``: who is told.
    """

    optional: tuple[str, ...] = ()
    conditions: tuple[tuple[str, str], ...] = ()
    may_stay: bool = False
    effects: tuple[Effect, ...] = ()
    tell: tuple[Audience, ...] = ()


STATES = (
    State("reported", _("待受理"), _("乡镇安监站或牵头部门")),
    State("verifying", _("核实中"), _("核实的网格员")),
    State("registered", _("已立案"), _("牵头部门")),
    State("dispatched", _("待接收"), _("主办部门")),
    State("returned", _("已退回"), _("牵头部门")),
    State("disputed", _("协调中"), _("牵头部门或上级")),
    State("handling", _("处置中"), _("主办部门")),
    State("suspended", _("挂起"), _("主办部门")),
    State("rectified", _("待复查"), _("复查人")),
    State("rechecked", _("待结案"), _("乡镇安监站或牵头部门")),
    State("closed", _("已结案"), final=True),
    State("rejected", _("不予受理"), final=True),
    State("merged", _("已并案"), final=True),
    State("cancelled", _("已作废"), final=True),
)
EVERY = tuple(state.name for state in STATES)
OPEN = tuple(state.name for state in STATES if not state.final)
# Which stage is timed in which state; elsewhere nothing is.
STAGE_OF = {
    "reported": Stage.ACCEPT, "verifying": Stage.VERIFY, "registered": Stage.DISPATCH, "returned": Stage.DISPATCH,
    "dispatched": Stage.RECEIVE, "handling": Stage.HANDLE, "rectified": Stage.RECHECK, "rechecked": Stage.CLOSE,
}  # fmt: skip

TURN, REPORTER, DEPARTMENT, ASSISTANTS = Audience.TURN, Audience.REPORTER, Audience.DEPARTMENT, Audience.ASSISTANTS
LEAD, CHIEF, TOWN, SITE = Audience.LEAD, Audience.CHIEF, Audience.TOWN, Audience.SITE
VERIFIER, RECHECKER = Audience.VERIFIER, Audience.RECHECKER
SUPERVISORS, DESK = Audience.SUPERVISORS, Audience.DESK
REPORTERS = ("grid_member committee town_officer department_officer agency_expert hotline_officer site_contact public "
             "system")  # fmt: skip
PLACE = ("site", "place_words", "town", "village", "longitude", "latitude")
TRIAGE = "town_officer lead_officer"
DEPT = "department_officer"


def _row(
    verb: str,
    label: str,
    move: str,
    roles: str,
    required: str = "",
    optional: str = "",
    timers: str = "",
    tell: tuple[Audience, ...] = (),
    may_stay: bool = False,
    **conditions: str,
) -> CaseRow:
    """Read one line of the table. ``move`` is "from, from > to to"; ``timers`` is "stop accept, run dispatch"."""
    sources, _arrow, targets = move.partition(">")
    groups = {"every": EVERY, "open": OPEN}
    parts = [part for part in timers.split(", ") if part]
    effects = tuple(Effect(Op(part.split()[0]), Stage(part.split()[1]).value) for part in parts)
    started = [effect.stage for effect in effects if effect.op is Op.RUN]
    return CaseRow(
        verb=verb,
        label=label,
        sources=groups.get(sources.strip(), tuple(sources.split())),
        targets=tuple(targets.split()),
        roles=frozenset(roles.split()),
        required=tuple(required.split()),
        timer=started[0] if started else "",
        optional=tuple(optional.split()),
        conditions=tuple(conditions.items()),
        may_stay=may_stay,
        effects=effects,
        tell=tell,
    )


STOP_ALL = ("stop accept, stop verify, stop dispatch, stop receive, stop handle, stop recheck, stop close, "
            "stop first_report, stop report_up, stop supervise")  # fmt: skip
REPORT_FIELDS = " ".join(
    (*PLACE, "attachment_ids", "suspected_major", "reporter_name", "reporter_phone", "severity", "found_at")
)

ROWS = (
    # Coming in
    _row("report", _("上报"), "> reported merged", REPORTERS, "kind place words", REPORT_FIELDS, "run accept",
         (TURN, DESK)),
    _row("settle_on_spot", _("当场整改上报"), "> reported", "grid_member", "kind place words before_ids after_ids",
         " ".join((*PLACE, "found_at")), "run accept", (TURN,)),
    _row("confirm_on_spot", _("确认当场整改"), "reported > closed", "town_officer", "", "words",
         "stop accept, stop first_report", (REPORTER,), town_officer="settled_by_another"),
    _row("refuse_on_spot", _("不认可当场整改"), "reported > reported", "town_officer", "reason", "", "", (REPORTER,),
         town_officer="settled_by_another"),
    _row("assign_verification", _("交办核实"), "reported > verifying", TRIAGE, "verifier_id", "words",
         "pause accept, run verify", (VERIFIER,)),
    _row("verify", _("核实"), "verifying > reported", "grid_member", "finding attachment_ids longitude latitude", "",
         "stop verify, run accept", (TURN,), grid_member="verifier"),
    _row("register", _("立案"), "reported > registered", TRIAGE, "kind severity", "words", "stop accept, run dispatch",
         (TURN, REPORTER, DESK)),
    _row("reject", _("不予受理"), "reported > rejected", TRIAGE, "reason", "", STOP_ALL, (REPORTER,)),
    _row("merge", _("并案"), "reported registered > merged", TRIAGE, "into_id", "reason", STOP_ALL, (REPORTER,)),
    _row("unmerge", _("撤销并案"), "merged > reported", "lead_officer", "reason", "", "run accept", (TURN, REPORTER)),
    # To whom
    _row("dispatch", _("派遣"), "registered returned > dispatched", "lead_officer town_officer", "department_id",
         "rule_id reason", "stop dispatch, run receive", (TURN,)),
    _row("receive", _("接收"), "dispatched > handling", DEPT, "", "words", "stop receive, run handle"),
    _row("return_", _("退回"), "dispatched > returned", DEPT, "reason", "", "stop receive, run dispatch", (TURN,)),
    _row("dispute", _("提出争议"), "dispatched returned handling > disputed", "department_officer lead_officer",
         "reason", "referred_up_to", "stop receive, stop dispatch, pause handle", (TURN,)),
    _row("arbitrate", _("裁定"), "disputed > dispatched", "lead_officer upper_level", "department_id reason", "",
         "run receive", (TURN,), upper_level="referred_up", lead_officer="not_referred_up"),
    _row("refer_up", _("提请上级协调"), "disputed >", "lead_officer", "referred_up_to reason", "", "", (TURN, DEPARTMENT),
         lead_officer="not_referred_up"),
    _row("add_assistant", _("指定协办"), "dispatched handling >", "lead_officer", "department_id request", "", "",
         (ASSISTANTS,)),
    _row("assist_receive", _("协办接收"), "dispatched handling >", DEPT, department_officer="asked_to_assist"),
    _row("assist_feed_back", _("协办反馈"), "dispatched handling >", DEPT, "result", "attachment_ids", "",
         (DEPARTMENT,), department_officer="assisting"),
    # Handling
    _row("record_disposal", _("记录处置"), "handling >", DEPT, "words", "attachment_ids"),
    _row("order_rectification", _("责令限期整改"), "handling >", DEPT, "text deadline", "attachment_ids", "",
         (SITE, TOWN)),
    _row("penalise", _("行政处罚"), "handling >", DEPT, "article decision_number amount", "words attachment_ids"),
    _row("transfer_out", _("移送"), "handling >", DEPT, "body paper", "words attachment_ids", "", (LEAD,)),
    _row("submit_rectification", _("提交整改结果"), "handling >", "site_contact", "attachment_ids", "words", "",
         (DEPARTMENT,)),
    _row("request_extension", _("申请延期"), "handling >", DEPT, "until reason", "", "", (LEAD,)),
    _row("grant_extension", _("同意延期"), "handling >", "lead_officer", "", "words", "", (DEPARTMENT,),
         lead_officer="extension_asked"),
    _row("refuse_extension", _("不同意延期"), "handling >", "lead_officer", "reason", "", "", (DEPARTMENT,),
         lead_officer="extension_asked"),
    _row("request_suspension", _("申请挂起"), "handling >", DEPT, "until_day reason interim_control", "", "", (LEAD,)),
    _row("grant_suspension", _("同意挂起"), "handling > suspended", "lead_officer", "", "words", "pause handle",
         (DEPARTMENT,), lead_officer="suspension_asked"),
    _row("refuse_suspension", _("不同意挂起"), "handling >", "lead_officer", "reason", "", "", (DEPARTMENT,),
         lead_officer="suspension_asked"),
    _row("resume", _("恢复处置"), "suspended > handling", "department_officer system", "", "words", "run handle",
         (DEPARTMENT, LEAD)),
    _row("feed_back", _("反馈结果"), "handling > rectified", DEPT, "result attachment_ids", "reason",
         "pause handle, stop supervise, run recheck", (TURN, SUPERVISORS)),
    # Recheck and close
    _row("assign_recheck", _("交办复查"), "rectified >", TRIAGE, "rechecker_id", "words", "", (RECHECKER,)),
    _row("recheck_pass", _("复查合格"), "rectified > rechecked", "grid_member town_officer department_officer",
         "attachment_ids longitude latitude", "words with_member_id", "stop recheck, stop handle, run close",
         (TURN, DEPARTMENT), grid_member="rechecker_not_major", town_officer="not_major_nor_own_work",
         department_officer="main_not_own_work"),
    _row("recheck_fail", _("复查不合格"), "rectified > handling", "grid_member town_officer department_officer",
         "reason attachment_ids", "longitude latitude", "stop recheck, run handle", (DEPARTMENT, SITE),
         grid_member="rechecker"),
    _row("waive_recheck", _("免予复查"), "rectified > rechecked", "lead_officer", "reason", "",
         "stop recheck, stop handle, run close", (TURN,), lead_officer="not_major"),
    _row("close", _("结案"), "rechecked > closed", "town_officer lead_officer", "", "words", STOP_ALL,
         (REPORTER, DEPARTMENT, SITE), town_officer="minor"),
    _row("reopen", _("重新办理"), "closed > handling registered", "lead_officer", "reason", "",
         "run handle, run dispatch", (TURN, REPORTER)),
    _row("reopen", _("重新办理"), "rejected > reported", "lead_officer", "reason", "", "run accept", (TURN, REPORTER)),
    # At the side
    _row("reclassify", _("重新定类"), "reported verifying registered >", TRIAGE, "kind severity reason", "", "",
         (DESK,)),
    _row("reclassify", _("重新定类"),
         "dispatched returned disputed handling suspended rectified rechecked > registered", TRIAGE,
         "kind severity reason", "", "stop dispatch, stop receive, stop handle, stop recheck, stop close, run dispatch",
         (DEPARTMENT, LEAD, DESK), may_stay=True),
    _row("supervise", _("督办"), "open >", "lead_officer leader upper_level", "instruction deadline", "",
         "", (TURN, LEAD)),
    _row("answer_supervision", _("回复督办"), "open >", "department_officer town_officer lead_officer", "result",
         "attachment_ids", "stop supervise", (SUPERVISORS, LEAD), department_officer="main_supervised",
         town_officer="supervised", lead_officer="supervised"),
    _row("list_major", _("挂牌督办"), "open >", "lead_chief", "reason", "deadline", "", (TURN, LEAD, TOWN),
         lead_chief="major"),
    _row("delist", _("摘牌销号"), "open >", "lead_chief", "reason", "", "", (TURN, LEAD, TOWN), lead_chief="listed"),
    _row("appeal_overdue", _("申诉超期"), "every >", DEPT, "timer_id reason", "", "", (LEAD,),
         department_officer="main_was_over"),
    _row("decide_appeal", _("审定申诉"), "every >", "lead_officer", "appeal_id accepts", "words", "", (DEPARTMENT,),
         lead_officer="appealed"),
    _row("send_first_report", _("事故快报"), "open >", "lead_officer lead_chief", "body words",
         "paper sent_at occurred_at is_fire_or_traffic", "stop first_report", (CHIEF, DESK), lead_officer="accident",
         lead_chief="accident"),
    _row("report_up", _("事故逐级上报"), "open >", "lead_officer lead_chief upper_level", "body words", "paper sent_at",
         "", (CHIEF, DESK), lead_officer="accident", lead_chief="accident", upper_level="accident"),
    _row("supplement_report", _("事故续报"), "open >", "lead_officer lead_chief", "body words", "paper sent_at", "",
         (CHIEF, DESK), lead_officer="accident", lead_chief="accident"),
    _row("unmask_reporter", _("查看反映人电话"), "every >", "hotline_officer lead_officer lead_chief", "reason"),
    _row("cancel", _("作废"), "reported registered > cancelled", "lead_chief", "reason", "", STOP_ALL, (REPORTER,)),
)  # fmt: skip

CASE = Workflow("case", STATES, ROWS, LABELS)


def case_row(verb: str, state: str) -> CaseRow:
    """Return the row of ``verb`` from ``state``; raise ``WrongState`` where there is none."""
    found = CASE.find(verb, state)
    assert isinstance(found, CaseRow)
    return found
