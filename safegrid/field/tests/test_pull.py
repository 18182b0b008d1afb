"""What a phone is given: everything at first, then what changed, and what is no longer its user's."""

from __future__ import annotations

import gzip
import json

import pytest

from safegrid.accounts import services as accounts
from safegrid.field import assembly, own, pull
from safegrid.field.models import FieldSnapshot
from safegrid.field.tests import stand
from safegrid.field.tests.phone import COUNTY, Phone
from safegrid.foundation.fieldwork import Feed, TaskKind
from safegrid.foundation.models import ScopeGrant
from safegrid.sites.models import Site


class Kept:
    """What the phone keeps, by feed and id, as the app does with every answer."""

    def __init__(self, phone):
        self.phone, self.rows, self.cursor, self.answers = phone, {}, "", []

    def apply(self, told):
        if told["reset"]:
            self.rows = {}
        for feed, changes in told["feeds"].items():
            rows = self.rows.setdefault(feed, {})
            rows.update({row["id"]: row for row in changes["rows"]})
            for key in changes["gone"]:
                rows.pop(key)
        self.cursor = told["cursor"]
        self.rows = {feed: rows for feed, rows in self.rows.items() if rows}
        return told

    def pull(self):
        while True:
            answer = self.phone.pull(self.cursor)
            assert answer.status_code == 200, answer.content.decode()
            told = self.apply(answer.json())
            self.answers.append(told)
            if not told["more"]:
                return told


@pytest.fixture
def kept(phone):
    return Kept(phone)


def names(kept):
    return {row["name"] for row in kept.rows.get("sites", {}).values()}


def test_the_first_pull_gives_everything_one_sees_and_nothing_else(phone, kept):
    told = kept.pull()
    assert told["reset"]
    assert names(kept) == {phone.cast.site.name, phone.cast.shop.name}
    (me,) = kept.rows["me"].values()
    assert me == {**phone.call("GET", "session").json()["me"], "id": str(phone.cast.grid_member.id)}
    assert told["unavailable"] == []


def test_tasks_of_all_kinds_come_in_one_feed_under_kind_and_id(phone, kept):
    kept.pull()
    task = kept.rows["tasks"][f"stand.visit:{phone.cast.site.id}"]
    assert {**task, "due_at": ""} == {
        "id": f"stand.visit:{phone.cast.site.id}", "kind": "stand.visit", "kind_label": "巡查", "title": phone.cast.site.name,
        "words": "", "site_id": str(phone.cast.site.id), "longitude": None, "latitude": None, "due_at": "", "on": None,
        "is_mandatory": True, "urgency": "normal", "data": {"checklist": None},
    }  # fmt: skip


def test_a_second_pull_gives_what_changed_only_and_without_a_change_nothing(phone, kept):
    kept.pull()
    still = kept.pull()
    assert (still["feeds"], still["reset"], still["more"]) == ({}, False, False)
    Site.objects.filter(county=COUNTY, id=phone.cast.site.id).update(employees=99)
    told = kept.pull()
    assert [row["employees"] for row in told["feeds"]["sites"]["rows"]] == [99]
    assert list(told["feeds"]) == ["sites"]


def test_an_unchanged_pull_writes_nothing(phone, kept, django_assert_num_queries):
    kept.pull()
    before = FieldSnapshot.objects.get(county=COUNTY).updated_at
    kept.pull()
    assert FieldSnapshot.objects.get(county=COUNTY).updated_at == before


def test_a_lost_answer_is_answered_again(phone, kept):
    kept.pull()
    cursor = kept.cursor
    Site.objects.filter(county=COUNTY, id=phone.cast.site.id).update(employees=99)
    lost, again = phone.pull(cursor).json(), phone.pull(cursor).json()
    assert {**lost, "server_time": ""} == {**again, "server_time": ""}
    Site.objects.filter(county=COUNTY, id=phone.cast.shop.id).update(employees=7)
    better = kept.apply(phone.pull(cursor).json())
    assert len(better["feeds"]["sites"]["rows"]) == 2
    assert kept.pull()["feeds"] == {}


def test_a_lost_first_answer_begins_again(phone, kept):
    phone.pull("")
    kept.pull()
    assert names(kept) == {phone.cast.site.name, phone.cast.shop.name}


def test_a_cursor_that_nobody_gave_begins_again(phone, kept):
    kept.pull()
    kept.cursor = "f" * 32
    assert kept.pull()["reset"]
    assert names(kept) == {phone.cast.site.name, phone.cast.shop.name}


def test_after_the_posting_has_ended_what_it_showed_is_gone(phone, kept):
    kept.pull()
    ScopeGrant.objects.filter(county=COUNTY, user_id=phone.cast.grid_member.id, kind="grid").update(
        valid_to="2024-06-30"
    )
    told = kept.pull()
    assert {*told["feeds"]["sites"]["gone"]} == {str(phone.cast.site.id), str(phone.cast.shop.id)}
    assert "sites" not in kept.rows
    assert "me" in kept.rows


def test_after_the_role_has_ended_everything_is_gone(phone, kept):
    kept.pull()
    for role in phone.cast.grid_member.roles.all():
        accounts.end_role(acting_user=None, role=role, reason="离岗")
    kept.pull()
    assert kept.rows == {}


def test_everything_is_gone_at_once_even_in_the_middle_of_many_pages(phone, kept, monkeypatch):
    monkeypatch.setattr(pull, "MOST_ROWS", 2)
    kept.apply(phone.pull("").json())
    for role in phone.cast.grid_member.roles.all():
        accounts.end_role(acting_user=None, role=role, reason="离岗")
    kept.pull()
    assert kept.rows == {}


def test_what_no_context_offers_any_more_is_gone(phone, kept, monkeypatch):
    kept.pull()
    monkeypatch.setattr(assembly, "modules", lambda: [own])
    assembly.offer.cache_clear()
    kept.pull()
    assert {*kept.rows} == {"me"}


def _many(count, words=""):
    def rows(user, county):
        return ((f"{n:05}", {"n": n, "words": words}) for n in range(count))

    return rows


def _offer(monkeypatch, *feeds, tasks=()):
    module = type("Module", (), {"FEEDS": (*own.FEEDS, *feeds), "TASKS": tasks, "__name__": "module"})
    monkeypatch.setattr(assembly, "modules", lambda: [module])
    assembly.offer.cache_clear()


def test_much_comes_in_pages(phone, kept, monkeypatch):
    _offer(monkeypatch, Feed("many", _many(1200)), Feed("last", _many(3)))
    kept.pull()
    assert (len(kept.rows["many"]), len(kept.rows["last"])) == (1200, 3)
    sizes = [sum(len(feed["rows"]) for feed in told["feeds"].values()) for told in kept.answers]
    assert sizes == [500, 500, 204]
    assert [told["reset"] for told in kept.answers] == [True, False, False]
    assert [told["more"] for told in kept.answers] == [True, True, False]


def test_pages_are_bounded_by_their_size_too(phone, kept, monkeypatch):
    _offer(monkeypatch, Feed("large", _many(10, "长" * 50_000)))
    kept.pull()
    assert len(kept.rows["large"]) == 10
    assert all(len(json.dumps(told, ensure_ascii=False)) < 220_000 for told in kept.answers)


def test_a_page_lost_on_the_way_comes_again(phone, kept, monkeypatch):
    _offer(monkeypatch, Feed("many", _many(1200)))
    kept.apply(phone.pull("").json())
    lost, again = phone.pull(kept.cursor).json(), phone.pull(kept.cursor).json()
    assert {**lost, "server_time": ""} == {**again, "server_time": ""}
    kept.pull()
    assert len(kept.rows["many"]) == 1200


def test_many_gone_rows_come_in_pages_too(phone, kept, monkeypatch):
    _offer(monkeypatch, Feed("many", _many(1200)))
    kept.pull()
    _offer(monkeypatch, Feed("many", _many(1)))
    first = len(kept.answers)
    kept.pull()
    assert len(kept.answers) - first == 3
    assert list(kept.rows["many"]) == ["00000"]


def test_a_feed_that_fails_keeps_its_rows_and_hinders_no_other(phone, kept, monkeypatch, caplog):
    def failing(user, county):
        yield "1", {"n": 1}
        raise ZeroDivisionError

    _offer(monkeypatch, Feed("fragile", _many(2)), Feed("sites", stand.sites))
    kept.pull()
    _offer(monkeypatch, Feed("fragile", failing), Feed("sites", stand.sites))
    Site.objects.filter(county=COUNTY, id=phone.cast.site.id).update(employees=99)
    told = kept.pull()
    assert told["unavailable"] == ["fragile"]
    assert len(kept.rows["fragile"]) == 2
    assert list(told["feeds"]) == ["sites"]
    assert "ZeroDivisionError" in caplog.text


def test_a_kind_of_task_that_fails_takes_no_task_away(phone, kept, monkeypatch):
    _offer(monkeypatch, tasks=(TaskKind("a", "甲", stand.due),))
    kept.pull()
    _offer(monkeypatch, tasks=(TaskKind("a", "甲", stand.due), TaskKind("b", "乙", lambda user, county: 1 / 0)))
    assert kept.pull()["unavailable"] == ["tasks"]
    assert kept.rows["tasks"]


def test_two_phones_of_one_member_are_each_given_everything(setting, phone, kept):
    kept.pull()
    other = Kept(Phone(setting).signed_in())
    other.pull()
    assert other.rows.keys() == kept.rows.keys()


def test_the_answer_is_compressed_for_who_takes_it(phone):
    plain = phone.pull("")
    packed = phone.call("GET", f"{COUNTY}/pull", **{"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    told = json.loads(gzip.decompress(packed.content))
    assert {**told, "server_time": ""} == {**plain.json(), "server_time": ""}


def test_the_snapshot_keeps_no_row(phone, kept):
    from safegrid.field.snapshots import State

    kept.pull()
    state = State.unpacked(bytes(FieldSnapshot.objects.get(county=COUNTY).offered))
    assert phone.cast.site.name not in json.dumps(state.feeds, ensure_ascii=False)
    assert all(len(mark) == 12 for rows in state.feeds.values() for mark in rows.values())
