"""What each role finds in its menu: that, and nothing else; and all of it opens."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EVERYONE = {"工作台", "网格手册", "通知"}
OFFICE = EVERYONE | {
    "一张图", "案件", "案件指标", "统计", "巡查记录", "监管对象", "网格", "网格员", "网格划分", "条块责任", "部门机构", "行政区划",
}  # fmt: skip
NEVER = {  # what a role must not find, whatever is added
    "grid_member": {
        "统计",
        "网格员",
        "网格划分",
        "条块责任",
        "部门机构",
        "行政区划",
        "账号",
        "操作留痕",
        "工作日历",
        "台账导入",
    },
    "committee": {"统计", "网格员", "网格划分", "条块责任", "账号", "操作留痕", "工作日历", "台账导入", "案件指标"},
    "site_contact": {
        "统计",
        "网格",
        "网格员",
        "网格划分",
        "条块责任",
        "部门机构",
        "账号",
        "操作留痕",
        "巡查记录",
        "案件指标",
    },
    "hotline_officer": {"统计", "网格", "网格员", "网格划分", "监管对象", "账号", "操作留痕", "案件指标"},
    "system_admin": {"案件", "统计", "监管对象", "网格", "网格员", "条块责任", "巡查记录", "操作留痕"},
    "leader": {"账号", "操作留痕", "台账导入"},
    "town_officer": {"账号", "操作留痕"},
    "lead_officer": {"账号", "操作留痕"},
    "auditor": {"账号", "台账导入", "上报隐患"},
    "fire_officer": {"账号", "操作留痕", "统计", "网格员", "台账导入"},
}
ALWAYS = {
    "lead_officer": OFFICE | {"事故值班", "台账变更", "登记比对", "台账导入", "工作日历"},
    "lead_chief": OFFICE | {"工作日历"},
    "leader": OFFICE | {"工作日历"},
    "town_officer": OFFICE | {"台账变更", "台账导入"},
    "auditor": OFFICE | {"操作留痕"},
    "upper_level": OFFICE,
    "fire_officer": EVERYONE | {"案件", "监管对象", "一张图", "条块责任", "部门机构"},
    "grid_member": EVERYONE | {"案件", "监管对象", "网格", "巡查记录", "上报隐患"},
    "committee": EVERYONE | {"案件", "监管对象", "网格", "上报隐患"},
    "hotline_officer": EVERYONE | {"案件", "上报隐患", "部门机构"},
    "site_contact": EVERYONE | {"案件", "监管对象"},
    "system_admin": EVERYONE | {"账号", "部门机构", "行政区划", "工作日历"},
}


def test_the_menu_of_each_role_shows_what_it_may_open_and_nothing_else(stage: Cast, open_page: Open) -> None:
    stage.everything()
    wrong: dict[str, object] = {}
    for person in ALWAYS:
        page = open_page(getattr(stage, person), "/")
        entries = page.locator("#navigation .nav-link")
        found = {one.inner_text().strip(): one.get_attribute("href") or "" for one in entries.all() if one.is_visible()}
        missing, strange = ALWAYS[person] - set(found), NEVER.get(person, set()) & set(found)
        shut = [label for label, url in found.items() if page.request.get(_absolute(page.url, url)).status != 200]
        if missing or strange or shut:
            wrong[person] = (missing, strange, shut)
    assert wrong == {}


def _absolute(here: str, url: str) -> str:
    return "/".join(here.split("/")[:3]) + url
