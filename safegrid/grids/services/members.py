"""Who can be posted: enrolling members, their papers for the gates, their leaves, and their leaving."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from safegrid.accounts import selectors as accounts
from safegrid.accounts.services import open_account
from safegrid.foundation import clock, trace
from safegrid.foundation.errors import InvalidInput, Refused
from safegrid.foundation.scope import Actor
from safegrid.grids import access, gates
from safegrid.grids.models import EvidenceKind, GateEvidence, GridMember, MemberLeave, Posting
from safegrid.grids.services.postings import (
    answering_changed,
    finish,
    overlapping,
    place,
    settle_role,
    substitutes_of,
)
from safegrid.grids.skills import problem_of
from safegrid.orgs import selectors as orgs
from safegrid.regions import selectors as regions

CODE = re.compile(r"[0-9A-Za-z-]{1,20}")
CHANGEABLE = ("name", "is_full_time", "employer", "town", "home_village", "task_givers", "skills")


@transaction.atomic
def enrol_member(
    *, acting_user: Actor | None, county: int, user: Any, code: str, employer: str, town: str, name: str = "",
    is_full_time: bool = True, home_village: str = "", task_givers: Sequence[str] = (), hired_on: date | None = None,
    skills: Sequence[str] = (),
) -> GridMember:  # fmt: skip
    """Enrol an account (``accounts.User``) as a grid member: employer, managing station's town, permitted task-givers.

    Enrolling gives no role yet: that comes with a posting through the gates. Raises ``InvalidInput``, ``NotPermitted``.
    """
    access.require_at(acting_user, "enrol_member", county, town)
    made = GridMember(
        county=county, user_id=user.id, code=code.strip(), name=(name or user.name).strip(), phone_tail=user.phone_tail,
        is_full_time=is_full_time, employer=employer.strip(), town=town, home_village=home_village,
        task_givers=sorted(set(task_givers)), hired_on=hired_on or clock.today(), skills=sorted(set(skills)),
    )  # fmt: skip
    problems = _problems(made)
    if not CODE.fullmatch(made.code):
        problems["code"] = "网格员编号为 1–20 位数字、字母或短横线"
    elif GridMember.objects.filter(county=county, code=made.code).exists():
        problems["code"] = f"编号 {made.code} 已被使用"
    if GridMember.objects.filter(county=county, user_id=user.id).exists():
        problems["user"] = "该账号已登记为网格员"
    if problems:
        raise InvalidInput(problems)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise InvalidInput({"code": "编号或账号刚刚被他人登记"}) from error
    trace.record(acting_user=acting_user, action="grids.enrol_member", target=made, changes={
        "code": made.code, "name": made.name, "employer": made.employer, "town": town, "home_village": home_village,
        "task_givers": made.task_givers, "is_full_time": is_full_time, "hired_on": made.hired_on,
        "skills": made.skills})  # fmt: skip
    return made


def _problems(member: GridMember) -> dict[str, str]:
    problems, known, county = {}, regions.codes_of_county(member.county), str(member.county)
    if not member.name or len(member.name) > 60:
        problems["name"] = "请填写姓名，不超过 60 字"
    if not member.employer or len(member.employer) > 100:
        problems["employer"] = "请填写用人单位，不超过 100 字"
    if len(member.town) != 9 or not member.town.startswith(county) or (known and member.town not in known):
        problems["town"] = "请选择管理其日常工作的安监站所在乡镇（街道）"
    home = member.home_village
    if home and (len(home) != 12 or not home.startswith(county) or (known and home not in known)):
        problems["home_village"] = "居住村（社区）应为本县 12 位村级代码"
    unknown = set(member.task_givers) - {one.code for one in orgs.departments(member.county, active=False)}
    if unknown:
        problems["task_givers"] = f"没有编码为 {'、'.join(sorted(unknown))} 的部门"
    if wrong := problem_of(member.skills):
        problems["skills"] = wrong
    return problems


@transaction.atomic
def account_for_member(*, acting_user: Actor | None, username: str, name: str, town: str, phone: str = "") -> Any:
    """Return the account of ``username``, which must bear ``name``; a new one is opened without a password.

    Raises ``InvalidInput`` where the user name belongs to somebody else, and what ``open_account`` raises.
    """
    user = accounts.by_username(username)
    if user is None:
        return open_account(acting_user=acting_user, username=username, name=name, place=town, phone=phone)
    if user.name != name.strip():
        raise InvalidInput({"username": f"用户名 {username} 属于另一人"})
    return user


@transaction.atomic
def enrol_new_member(
    *, acting_user: Actor | None, county: int, username: str, name: str, town: str, phone: str = "", **values: Any
) -> GridMember:
    """Open the account where ``username`` is new, and enrol it: ``account_for_member``, then ``enrol_member``."""
    user = account_for_member(acting_user=acting_user, username=username, name=name, town=town, phone=phone)
    return enrol_member(acting_user=acting_user, county=county, user=user, name=name, town=town, **values)


@transaction.atomic
def change_member(*, acting_user: Actor | None, member: GridMember, values: dict[str, Any]) -> GridMember:
    """Change name, employer, managing town, home village, full-time, permitted task-givers or skills of a member."""
    access.require(acting_user, "change_member", member)
    if unknown := set(values) - set(CHANGEABLE):
        raise InvalidInput(dict.fromkeys(unknown, "不能修改此项"))
    if "town" in values:
        access.require_at(acting_user, "change_member", member.county, values["town"])
    values = {key: sorted(set(value)) if key in {"task_givers", "skills"} else value for key, value in values.items()}
    new = {key: value for key, value in values.items() if getattr(member, key) != value}
    changes = {key: [getattr(member, key), value] for key, value in new.items()}
    for key, value in new.items():
        setattr(member, key, value)
    if problems := _problems(member):
        raise InvalidInput(problems)
    if new:
        member.save(update_fields=list(new))
        trace.record(acting_user=acting_user, action="grids.change_member", target=member, changes=changes)
    return member


@transaction.atomic
def member_leaves(*, acting_user: Actor | None, member: GridMember, on: date | None = None, reason: str) -> GridMember:
    """End a member's work: ``on`` (today by default) is the first day without it. All postings end, substitutes too."""
    access.require(acting_user, "member_leaves", member)
    day = on or clock.today()
    if not reason.strip():
        raise InvalidInput({"reason": "请填写离岗原因"})
    if day < clock.today():
        raise InvalidInput({"on": "离岗日期不能早于今天"})
    if not GridMember.objects.filter(county=member.county, id=member.id, left_on__isnull=True).update(left_on=day):
        raise Refused("该网格员已办理离岗")
    trace.record(acting_user=acting_user, action="grids.member_leaves", target=member,
                 changes={"left_on": [None, day], "reason": reason})  # fmt: skip
    rows = Posting.objects.filter(overlapping(day, None), county=member.county, member=member).select_related(
        "grid", "member"
    )
    for posting in rows:
        finish(acting_user, posting, day, f"离岗：{reason}")
    settle_role(member)
    member.refresh_from_db()
    return member


@transaction.atomic
def enter_evidence(
    *, acting_user: Actor | None, member: GridMember, kind: str, number: str, issued_on: date,
    expires_on: date | None = None,
) -> GateEvidence:  # fmt: skip
    """Enter a certificate, an undertaking or an issue slip by hand; postings paused for lack of it resume."""
    access.require(acting_user, "enter_evidence", member)
    if acting_user is not None and acting_user.id == member.user_id:
        raise Refused("不能为自己登记上岗凭证，请由他人办理")
    problems = {}
    if kind not in EvidenceKind.values:
        problems["kind"] = "请选择凭证种类"
    if not number.strip() or len(number) > 60:
        problems["number"] = "请填写编号，不超过 60 字"
    if issued_on > clock.today():
        problems["issued_on"] = "签发日期不能晚于今天"
    if expires_on is not None and expires_on < issued_on:
        problems["expires_on"] = "有效期不能早于签发日期"
    same = GateEvidence.objects.filter(county=member.county, member=member, kind=kind, number=number.strip())
    if not problems and same.exists():
        problems["number"] = "这份凭证已登记"
    if problems:
        raise InvalidInput(problems)
    made = GateEvidence(county=member.county, member=member, kind=kind, number=number.strip(), issued_on=issued_on,
                        expires_on=expires_on, entered_by_id=acting_user.id if acting_user else None)  # fmt: skip
    made.save(force_insert=True)
    trace.record(acting_user=acting_user, action="grids.enter_evidence", target=member, changes={
        "kind": kind, "number": made.number, "issued_on": issued_on, "expires_on": expires_on})  # fmt: skip
    settle_role(member)
    return made


@transaction.atomic
def revoke_evidence(*, acting_user: Actor | None, evidence: GateEvidence, reason: str) -> None:
    """Take a paper out of force from today; postings that rest on it pause at once."""
    member = evidence.member
    access.require(acting_user, "revoke_evidence", member)
    if not reason.strip():
        raise InvalidInput({"reason": "请填写撤销原因"})
    rows = GateEvidence.objects.filter(county=member.county, id=evidence.id, revoked_on__isnull=True)
    if not rows.update(revoked_on=clock.today()):
        raise Refused("这份凭证已撤销")
    trace.record(acting_user=acting_user, action="grids.revoke_evidence", target=member,
                 changes={"kind": evidence.kind, "number": evidence.number, "reason": reason})  # fmt: skip
    settle_role(member)


@transaction.atomic
def grant_leave(
    *, acting_user: Actor | None, member: GridMember, first_day: date, last_day: date, reason: str,
    substitute: GridMember | None = None,
) -> MemberLeave:  # fmt: skip
    """Let a member be away; the substitute, who must pass the gates, is posted to the member's grids for those days."""
    access.require(acting_user, "grant_leave", member)
    problems = {}
    if not reason.strip() or len(reason) > 200:
        problems["reason"] = "请填写事由，不超过 200 字"
    if last_day < first_day or first_day < clock.today():
        problems["first_day"] = "请假从今天或以后开始，结束日期不早于开始日期"
    if substitute is not None and substitute.id == member.id:
        problems["substitute"] = "代班人不能是本人"
    if problems:
        raise InvalidInput(problems)
    away = MemberLeave.objects.filter(county=member.county, first_day__lte=last_day, last_day__gte=first_day)
    if any(leave.last_day >= leave.first_day for leave in away.filter(member=member)):
        raise Refused("该网格员在这段时间已请假")
    if substitute is not None and any(one.last_day >= one.first_day for one in away.filter(member=substitute)):
        raise Refused("代班人在这段时间也请假")
    made = MemberLeave(county=member.county, member=member, substitute=substitute, reason=reason.strip(),
                       first_day=first_day, last_day=last_day)  # fmt: skip
    made.save(force_insert=True)
    trace.record(acting_user=acting_user, action="grids.grant_leave", target=member, changes={
        "first_day": first_day, "last_day": last_day, "substitute": substitute.id if substitute else None,
        "reason": reason})  # fmt: skip
    if substitute is not None:
        _stand_in(acting_user, made, substitute)
    answering_changed(member, [])
    return made


def _stand_in(acting_user: Actor | None, leave: MemberLeave, substitute: GridMember) -> None:
    member, first, last = leave.member, leave.first_day, leave.last_day
    if substitute.left_on is not None:
        raise Refused("代班人已离岗")
    results = gates.pass_gates(substitute, first)
    if not gates.is_open(results):
        raise Refused(f"代班人不能上岗——{gates.refusal(results)}")
    rows = Posting.objects.filter(
        overlapping(first, last), county=member.county, member=member, substitute_for__isnull=True
    )
    for posting in rows.select_related("grid"):
        access.require(acting_user, "post_member", posting.grid)
        begins, ends = max(first, posting.valid_from), min(last, posting.valid_to or last)
        place(acting_user, substitute, posting.grid, posting.role, begins, ends, results, substitute_for=posting)


@transaction.atomic
def end_leave(*, acting_user: Actor | None, leave: MemberLeave, on: date | None = None) -> None:
    """The member is back: ``on`` (today by default) is the first day at work again; the substitute's postings end."""
    access.require(acting_user, "end_leave", leave.member)
    last = (on or clock.today()) - timedelta(days=1)
    if not MemberLeave.objects.filter(county=leave.county, id=leave.id, last_day__gt=last).update(last_day=last):
        raise Refused("这次请假已经结束")
    trace.record(acting_user=acting_user, action="grids.end_leave", target=leave.member,
                 changes={"last_day": [leave.last_day, last]})  # fmt: skip
    rows = Posting.objects.filter(Q(substitute_for__isnull=True), county=leave.county, member=leave.member)
    for posting in rows:
        for substitute in substitutes_of(posting):
            if (
                substitute.member_id == leave.substitute_id
                and substitute.valid_from >= leave.first_day
                and substitute.valid_from <= leave.last_day
                and finish(acting_user, substitute, last + timedelta(days=1), "请假结束")
            ):
                settle_role(substitute.member)
    answering_changed(leave.member, [])
