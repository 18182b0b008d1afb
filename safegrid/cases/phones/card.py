"""A member's clear card (网格员明白卡): tasks, how to report, limits, who may give tasks, whom to call, and a code that proves it.

The tasks are those of the guidance on grids (安委办〔2017〕30号, 二(三)4); limits come from the county's handbook.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from safegrid.cases import words
from safegrid.cases.phones import contacts
from safegrid.cases.workflow import FIRST_REPORT_LIMIT
from safegrid.foundation import clock
from safegrid.foundation.crypto import mask_mobile
from safegrid.foundation.scope import Actor, held
from safegrid.grids import cards
from safegrid.grids import selectors as grids
from safegrid.handbook import selectors as handbook
from safegrid.regions import selectors as regions

TASKS = (
    "按网格手册查看本网格的企业、小商铺、小作坊、小娱乐场所和家庭户，发现非法违法生产经营行为和事故隐患及时报告",
    "协助配合有关部门做好安全检查和执法",
    "向监督管理对象送达最新的文件资料",
    "向监督管理对象和公众宣传安全生产法律法规和安全知识",
    "保守工作中知悉的商业秘密、技术秘密和个人信息",
)
REPORTING = (
    "在手机端“上报”：选类别、拍照、定位、写明情况；没有网络先保存，联网后自动报送",
    "轻微隐患当场整改的，拍整改前和整改后的照片，由乡镇安监站确认",
    "拿不准是否重大的，勾选“疑似重大”，并打电话告诉乡镇安监站",
    "发生生产安全事故或有人员危险，先拨打 119、120、110，再打事故值班电话，然后在手机端上报",
)
SEVERITIES = ("minor", "general", "major")
EMERGENCY = (("火警", "119"), ("急救", "120"), ("报警", "110"))


def card(user: Actor, county: int) -> Iterable[tuple[str, dict[str, Any]]]:
    """The feed ``card``: one row for a grid member, none for anyone else. ``qr`` goes behind the installation's own address."""
    member = grids.member_of(user) if held(user, "grid_member") else None
    if member is None or member.county != county:
        return []
    own = cards.grids_of(member)
    until = clock.today() + cards.HOLDS
    town = regions.names_of({member.town}).get(member.town, member.town)
    labels = dict(grids.OFFICER_KINDS)
    officers = [
        {"kind": one.kind, "label": labels[one.kind], "name": one.name, "title": one.title,
         "phone": mask_mobile(one.phone)}
        for one in grids.officers_of(county, [grid.id for grid in own])
    ]  # fmt: skip
    row = {
        "lines": [
            {"title": "工作任务", "items": list(TASKS)},
            {"title": "怎样上报", "items": list(REPORTING)},
            {"title": "办理时限", "items": _limits(county)},
            {"title": "隶属关系", "items": _belongs(user, county, member, town)},
        ],
        "phone_lines": [{"label": label, "phone": phone} for label, phone in _phones(user, county)],
        "qr": cards.written(member, own, until),
        "member": {"id": str(member.id), "code": member.code, "name": member.name, "employer": member.employer,
                   "is_full_time": member.is_full_time, "town": member.town, "town_name": town},
        "grids": [{"code": grid.code, "name": grid.name} for grid in own],
        "officers": officers,
        "valid_on": clock.today().isoformat(),
        "valid_until": until.isoformat(),
    }  # fmt: skip
    return [("card", row)]


def _limits(county: int) -> list[str]:
    """Return how long a member has for a look, and within what an accident is passed on."""
    found = []
    for stage in ("verify", "recheck"):
        general = [(words.SEVERITIES[one], handbook.general_limit(county, one, stage)) for one in SEVERITIES]
        said = "，".join(f"{label} {limit}" for label, limit in general if limit is not None)
        if said:
            found.append(f"{words.STAGES[stage]}：{said}（类别另有规定的从其规定）")
    return [*found, f"生产安全事故：立即报告，县里须在 {FIRST_REPORT_LIMIT.value} 小时内接到报告"]


def _belongs(user: Actor, county: int, member: Any, town: str) -> list[str]:
    """Return who employs, who manages and who may give tasks (关系厘清)."""
    station = contacts.station(user, county, member.town)
    givers = grids.task_giver_names(member)
    return [
        f"用人单位：{member.employer}",
        f"日常管理：{station.name if station is not None else f'{town}安监站'}",
        f"可以派任务的部门：{'、'.join(givers) if givers else '仅牵头部门和乡镇安监站'}",
        "其他单位派的任务可以不接，请其先与乡镇安监站联系",
    ]


def _phones(user: Actor, county: int) -> list[tuple[str, str]]:
    called = [(row["group"], row["name"], row["phone"]) for _, row in contacts.rows(user, county)
              if row["group"] in (contacts.DESK, contacts.STATION, contacts.LEAD)]  # fmt: skip
    return [*EMERGENCY, *((f"{group} {name}", phone) for group, name, phone in called if phone)]
