"""Reporting an accident upward against the statutory clocks (生产安全事故报告和调查处理条例, 国务院令第493号).

第九条: the first report reaches the county within one hour. 第十一条: each level reports to the next one above within two hours,
up to the level that the accident's grade asks for (第十条). 第十三条: changed casualties are reported within 30 days of the
accident, 7 days for fires and road traffic.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max

from safegrid.cases.models import AccidentReport, Case, CaseTimer, ReportLevel, ReportStep, Stage
from safegrid.cases.services._engine import Act, begin
from safegrid.cases.workflow import FIRST_REPORT_LIMIT, REPORT_UP_LIMIT
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, Refused
from safegrid.foundation.scope import Actor
from safegrid.handbook import selectors as handbook

UPWARD = (ReportLevel.CITY, ReportLevel.PROVINCE, ReportLevel.STATE_COUNCIL)
SUPPLEMENT_DAYS, SUPPLEMENT_DAYS_FIRE_TRAFFIC = 30, 7


@transaction.atomic
def send_first_report(
    *,
    acting_user: Actor | None,
    case: Case,
    version: int | None = None,
    body: str,
    words: str,
    paper: str = "",
    sent_at: datetime | None = None,
    occurred_at: datetime | None = None,
    is_fire_or_traffic: bool = False,
) -> Case:
    """Record that the first report went to ``body``, at ``sent_at`` (now when left out), by ``paper`` unless by telephone.

    The one-hour clock stops as of ``sent_at``, the two hours to the level above begin. ``occurred_at``: when the accident
    happened (by default when the case was reported). Raises ``InvalidInput``, ``Refused``.
    """
    act = begin("send_first_report", acting_user=acting_user, case=case, version=version, body=body, words=words,
                paper=paper, sent_at=sent_at, occurred_at=occurred_at, is_fire_or_traffic=is_fire_or_traffic)  # fmt: skip
    if _first(act.case) is not None:
        raise Refused("该事故已经快报，新情况请用“事故续报”")
    sent, occurred = sent_at or act.at, occurred_at or act.case.reported_at
    _check_moments(act, sent, occurred, "occurred_at")
    act.timers.stop(Stage.FIRST_REPORT, sent)
    if levels_to(act.case):
        act.timers.run_until(Stage.REPORT_UP, sent + _level_time(act.case))
    done = act.done()
    _write(act, ReportStep.FIRST, ReportLevel.COUNTY, body, paper, words, sent, occurred, is_fire_or_traffic)
    return done


@transaction.atomic
def report_up(
    *,
    acting_user: Actor | None,
    case: Case,
    version: int | None = None,
    body: str,
    words: str,
    paper: str = "",
    sent_at: datetime | None = None,
) -> Case:
    """Record that the accident was reported to the next level above, ``body``; the level after it has two hours more.

    Raises ``InvalidInput``, ``Refused`` before the first report and after the highest level that the grade asks for.
    """
    act = begin("report_up", acting_user=acting_user, case=case, version=version, body=body, words=words, paper=paper,
                sent_at=sent_at)  # fmt: skip
    _first_of(act)
    sent, missing = sent_at or act.at, levels_to(act.case)
    if not missing:
        raise Refused("该事故已按等级逐级上报完毕")
    _check_moments(act, sent, _last_sent(act.case), "sent_at")
    act.timers.stop(Stage.REPORT_UP, sent)
    if missing[1:]:
        act.timers.run_until(Stage.REPORT_UP, sent + _level_time(act.case))
    done = act.done(traced={"level": missing[0]})
    _write(act, ReportStep.UP, missing[0], body, paper, words, sent)
    return done


@transaction.atomic
def supplement_report(
    *,
    acting_user: Actor | None,
    case: Case,
    version: int | None = None,
    body: str,
    words: str,
    paper: str = "",
    sent_at: datetime | None = None,
) -> Case:
    """Record a follow-up report, such as changed casualties, inside the statutory days. Raises ``InvalidInput``, ``Refused``."""
    act = begin("supplement_report", acting_user=acting_user, case=case, version=version, body=body, words=words,
                paper=paper, sent_at=sent_at)  # fmt: skip
    first, sent = _first_of(act), sent_at or act.at
    _check_moments(act, sent, first.sent_at, "sent_at")
    last_day = supplement_until(first)
    if sent.astimezone(clock.SHANGHAI).date() > last_day:
        raise Refused(f"补报伤亡变化的期限已于{last_day.isoformat()}届满（条例第十三条）")
    done = act.done()
    _write(act, ReportStep.SUPPLEMENT, "", body, paper, words, sent)
    return done


def supplement_until(first: AccidentReport) -> date:
    """Return the last day on which changed casualties are reported after ``first``."""
    days = SUPPLEMENT_DAYS_FIRE_TRAFFIC if first.is_fire_or_traffic else SUPPLEMENT_DAYS
    assert first.occurred_at is not None  # written with every first report
    return first.occurred_at.astimezone(clock.SHANGHAI).date() + timedelta(days=days)


def levels_to(case: Case, kind: str = "") -> list[str]:
    """Return the levels, from the city up, to which an accident of ``kind`` (by default the case's) has still to be reported."""
    highest = str(_statute(case, kind).get("report_up_to", ""))
    wanted = UPWARD[: UPWARD.index(ReportLevel(highest)) + 1] if highest in UPWARD else UPWARD[:1]
    rows = AccidentReport.objects.filter(county=case.county, case_id=case.id, step=ReportStep.UP)
    reported = set(rows.values_list("level", flat=True))
    return [str(level) for level in wanted if level not in reported]


def resume_clocks(act: Act, *, kind: str = "", is_accident: bool | None = None) -> None:
    """Let the statutory clocks stand as the facts demand, after a case was taken up again or got another kind.

    A clock that was stopped without its report goes on to the end it had.
    """
    case = act.case
    if not (case.is_accident if is_accident is None else is_accident):
        act.timers.stop(Stage.FIRST_REPORT)
        act.timers.stop(Stage.REPORT_UP)
    elif _first(case) is None:
        if Stage.FIRST_REPORT not in act.timers.live:
            earlier = CaseTimer.objects.filter(county=case.county, case_id=case.id, stage=Stage.FIRST_REPORT)
            due = earlier.aggregate(due=Max("due_at"))["due"]
            if due is not None:
                act.timers.run_until(Stage.FIRST_REPORT, due)
            else:
                act.timers.run(Stage.FIRST_REPORT, FIRST_REPORT_LIMIT, None)
    elif not levels_to(case, kind):
        act.timers.stop(Stage.REPORT_UP)
    elif Stage.REPORT_UP not in act.timers.live:
        act.timers.run_until(Stage.REPORT_UP, _last_sent(case) + _level_time(case, kind))


def refuse_unreported(act: Act) -> None:
    """Raise ``Refused`` where an accident would be closed that was not reported to every level its grade asks for."""
    if not act.case.is_accident:
        return
    if _first(act.case) is None:
        raise Refused("该事故尚未快报，不能结案")
    if missing := levels_to(act.case):
        raise Refused(f"该事故尚未上报{ReportLevel(missing[0]).label}，不能结案")


def _statute(case: Case, kind: str = "") -> dict[str, object]:
    return handbook.hazard_kind(case.county, kind or case.kind).statutory_report or {}


def _level_time(case: Case, kind: str = "") -> timedelta:
    hours = _statute(case, kind).get("level_hours", REPORT_UP_LIMIT.value)
    return timedelta(hours=float(hours))  # type: ignore[arg-type]


def _first(case: Case) -> AccidentReport | None:
    return AccidentReport.objects.filter(county=case.county, case_id=case.id, step=ReportStep.FIRST).first()


def _first_of(act: Act) -> AccidentReport:
    found = _first(act.case)
    if found is None:
        raise Refused("该事故尚未快报")
    return found


def _last_sent(case: Case) -> datetime:
    rows = AccidentReport.objects.filter(county=case.county, case_id=case.id).exclude(step=ReportStep.SUPPLEMENT)
    last: datetime = rows.aggregate(last=Max("sent_at"))["last"]
    return last


def _check_moments(act: Act, sent: datetime, earlier: datetime, field: str) -> None:
    """Raise ``InvalidInput`` unless what came earlier did, and neither lies in the future."""
    if sent.tzinfo is None or sent > act.at:
        raise InvalidInput({"sent_at": "上报时间不能晚于现在"})
    if earlier.tzinfo is None or earlier > sent:
        words = {"occurred_at": "事故发生时间不能晚于上报时间", "sent_at": "上报时间不能早于上一次上报"}
        raise InvalidInput({field: words[field]})


def _write(act: Act, step: str, level: str, body: str, paper: str, words: str, sent: datetime,
           occurred: datetime | None = None, is_fire_or_traffic: bool = False) -> None:  # fmt: skip
    AccidentReport.objects.create(
        county=act.case.county,
        case_id=act.case.id,
        step=step,
        level=level,
        body=body,
        paper=paper,
        words=words,
        sent_at=sent,
        occurred_at=occurred,
        is_fire_or_traffic=is_fire_or_traffic,
        recorded_by_id=act.person_id,
        recorded_at=act.at,
    )
