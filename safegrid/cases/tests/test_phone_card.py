"""The clear card and whom to call: own bodies, own grids, no official's own phone."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from django.urls import reverse

from safegrid.cases.models import DutyShift
from safegrid.cases.tests.phone import feed
from safegrid.foundation import clock
from safegrid.foundation.crypto import mask_mobile
from safegrid.grids import cards
from safegrid.grids.models import GridMember, GridOfficer, Posting
from tests.setting import SINCE

COUNTY = 330521


def bodies(cast):
    _ = cast.other_station
    for row, phone in ((cast.station, "0572-8060001"), (cast.village_committee, "0572-8060002"),
                       (cast.lead_department, "0572-8060003"), (cast.fire, "0572-8060004")):  # fmt: skip
        row.duty_phone = phone
        row.save()


def officer(cast, grid, kind="responsible", phone="13905720001"):
    return GridOfficer.objects.create(county=COUNTY, grid=grid, kind=kind, name="张站长", title="副主任", phone=phone,
                                      valid_from=SINCE)  # fmt: skip


def on_duty(cast, phone="0572-8069999"):
    now = clock.now()
    return DutyShift.objects.create(county=COUNTY, user_id=cast.lead_officer.id, begins_at=now - timedelta(hours=1),
                                    ends_at=now + timedelta(hours=7), phone=phone)  # fmt: skip


def test_a_member_calls_own_bodies_and_the_officers_of_own_grids(steps):
    cast = steps.cast
    bodies(cast), on_duty(cast), officer(cast, cast.grid), officer(cast, cast.next_grid, phone="13905720002")
    rows = sorted(feed(cast.grid_member, COUNTY, "contacts").values(), key=lambda row: row["position"])
    assert [(row["group"], row["name"], row["phone"]) for row in rows if row["group"] != "部门"] == [
        ("事故值班", "牵头经办", "0572-8069999"),
        ("乡镇安监站", "武康街道安监站", "0572-8060001"),
        ("村（居）委会", "居仁社区居民委员会", "0572-8060002"),
        ("牵头部门", "应急管理局", "0572-8060003"),
        ("网格负责人", "张站长", "139****0001"),
    ]
    assert ("部门", "消防救援大队", "0572-8060004") in [(row["group"], row["name"], row["phone"]) for row in rows]


def test_departments_of_other_towns_are_left_out(steps):
    town = steps.cast.town_department
    assert f"department:{town.id}" in feed(steps.cast.grid_member, COUNTY, "contacts")
    assert f"department:{town.id}" not in feed(steps.cast.other_grid_member, COUNTY, "contacts")


def test_a_committee_calls_its_station_and_strangers_nobody(steps):
    bodies(steps.cast)
    groups = {row["group"] for row in feed(steps.cast.committee, COUNTY, "contacts").values()}
    assert groups == {"乡镇安监站", "村（居）委会", "牵头部门", "部门"}
    for stranger in (steps.cast.outsider, steps.cast.site_contact, steps.cast.agency_expert):
        assert feed(stranger, COUNTY, "contacts") == {}


def test_nobody_on_duty_shows_no_desk(steps):
    shift = on_duty(steps.cast)
    steps.time.move_to(shift.ends_at)
    assert "事故值班" not in {row["group"] for row in feed(steps.cast.grid_member, COUNTY, "contacts").values()}


def test_only_mobiles_are_masked():
    assert [mask_mobile(one) for one in ("13800138000", "+86 138-0013-8000", "0572-8060001", "12350", "8060001转13", "")] == [
        "138****8000", "138****8000", "0572-8060001", "12350", "8060001转13", "",
    ]  # fmt: skip


def test_the_card_says_tasks_limits_relations_and_whom_to_call(steps):
    cast = steps.cast
    bodies(cast), on_duty(cast), officer(cast, cast.grid)
    GridMember.objects.filter(county=COUNTY, user_id=cast.grid_member.id).update(task_givers=[cast.fire.code])
    rows = feed(cast.grid_member, COUNTY, "card")
    assert set(rows) == {"card"}
    card = rows["card"]
    lines = {line["title"]: line["items"] for line in card["lines"]}
    assert set(lines) == {"工作任务", "怎样上报", "办理时限", "隶属关系"}
    assert lines["隶属关系"][:3] == [
        "用人单位：德清县网格服务中心",
        "日常管理：武康街道安监站",
        "可以派任务的部门：消防救援大队",
    ]
    limits = "\n".join(lines["办理时限"])
    assert "核实：轻微" in limits
    assert "复查：轻微" in limits
    assert "县里须在 1 小时内接到报告" in limits
    assert {"label": "乡镇安监站 武康街道安监站", "phone": "0572-8060001"} in card["phone_lines"]
    assert {"label": "事故值班 牵头经办", "phone": "0572-8069999"} in card["phone_lines"]
    assert (card["member"]["name"], card["member"]["town_name"]) == ("网格员甲", "武康街道")
    assert card["grids"] == [{"code": cast.grid.code, "name": cast.grid.name}]
    assert [one["phone"] for one in card["officers"]] == ["139****0001"]
    assert (card["valid_on"], card["valid_until"]) == ("2025-03-05", "2025-04-04")
    assert json.loads(json.dumps(card)) == card


def test_the_limits_are_the_countys(steps):
    from safegrid.foundation import cache
    from safegrid.handbook.models import SeverityLimit

    row = SeverityLimit.objects.get(county=COUNTY, severity="general")
    row.limits["verify"] = {"value": 77, "unit": "working_hours"}
    row.save()
    cache.forget_everything()
    limits = feed(steps.cast.grid_member, COUNTY, "card")["card"]["lines"][2]["items"]
    assert any("77" in one for one in limits)


def test_only_members_have_a_card(steps):
    for other in (steps.cast.committee, steps.cast.town_officer, steps.cast.outsider):
        assert feed(other, COUNTY, "card") == {}


def signed(steps):
    qr = feed(steps.cast.grid_member, COUNTY, "card")["card"]["qr"]
    return urlsplit(qr).path, parse_qs(urlsplit(qr).query)["card"][0]


def test_the_code_leads_to_the_members_page_and_holds_code_name_grids_and_validity(steps):
    path, card = signed(steps)
    member = steps.cast.member_of(steps.cast.grid_member)
    assert path == reverse("grids:member", args=[COUNTY, member.id])
    assert cards.read(card) == cards.Card(
        COUNTY, member.code, "网格员甲", (steps.cast.grid.code,), clock.today() + timedelta(days=30)
    )


def test_a_code_is_checked(steps):
    _, card = signed(steps)
    member, next_member = (steps.cast.member_of(one) for one in (steps.cast.grid_member, steps.cast.next_grid_member))
    assert cards.verdict(card, member)[0]
    assert "不是本系统签发" in cards.verdict(card.replace("网格员甲", "网格员乙"), member)[1]
    assert "不是本系统签发" in cards.verdict(card, next_member)[1]
    assert "不是本系统签发" in cards.verdict("nothing", member)[1]
    Posting.objects.filter(county=COUNTY, member=member).update(valid_to=clock.today() - timedelta(days=1))
    assert "已有变动" in cards.verdict(card, member)[1]
    steps.time.move_to(clock.now() + timedelta(days=31))
    assert "过期" in cards.verdict(card, member)[1]


def test_the_members_page_says_whether_a_card_holds(steps):
    path, card = signed(steps)
    client = steps.cast.client(steps.cast.town_officer)
    assert "明白卡有效" in client.get(path, {"card": card}).text
    assert "核实持卡人身份" in client.get(path, {"card": card + "x"}).text
    assert "明白卡" not in client.get(path).text
    assert steps.cast.client(steps.cast.other_town_officer).get(path, {"card": card}).status_code == 404


def test_both_feeds_are_read_in_a_bounded_number_of_statements(steps, django_assert_max_num_queries):
    cast = steps.cast
    bodies(cast), on_duty(cast), officer(cast, cast.grid), officer(cast, cast.grid, "contact")
    feed(cast.grid_member, COUNTY, "card")
    with django_assert_max_num_queries(12):
        feed(cast.grid_member, COUNTY, "contacts")
    with django_assert_max_num_queries(22):
        feed(cast.grid_member, COUNTY, "card")
