"""The load run's count of what phones sent: nothing amiss where all went well, and each fault is counted as what it is."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from benchmarks.field.count import Faults, Kept, Stored, faults, stored
from benchmarks.field.people import Carrier
from benchmarks.field.phone import Phone
from safegrid.field.tests.phone import Phone as Installation
from safegrid.field.tests.pictures import picture

NOTHING = Faults(lost=0, doubled=0, out_of_order=0, wrong_photo=0)


@pytest.fixture
def sent(cast) -> Phone:
    """A phone that has sent two reports, a visit with a photo in an answer and one to a closed door."""
    _ = cast.kinds, cast.duty_rules, cast.town_officer, cast.lead_officer
    site, phone = cast.site, Installation(cast).signed_in()
    uploads = {phone.upload(data): data for data in map(picture, range(3))}
    first, second, third = uploads
    here = {"site_id": str(site.id), "checked_in_by": "position", "longitude": site.longitude, "latitude": site.latitude,
            "accuracy_m": 8.0}  # fmt: skip
    values = {"yes_no": {"value": "yes"}, "number": {"value": "1"}, "photo": {"photos": [third]}}
    answers = [{"item_id": str(item.id), **values[item.answer_kind]} for item in cast.checklist.items.all()]
    operations = [
        *(
            phone.operation("cases.report", {"kind": cast.general_kind.code, "site_id": str(site.id), "words": words,
                                             "photos": [upload]})
            for words, upload in (("通道堵塞，第一处", first), ("通道堵塞，第二处", second))
        ),
        phone.operation("patrols.visit", {**here, "outcome": "done", "checklist_id": str(cast.checklist.id),
                                          "person_met": "店主", "answers": answers}),
        phone.operation("patrols.visit", {**here, "outcome": "closed"}),
    ]  # fmt: skip
    assert [one["status"] for one in phone.answers(*operations)] == ["done"] * 4
    return Phone(Carrier(cast.grid_member, site, phone.id, {}), operations, uploads, seed=1)


def rows_of(phone: Phone, there: Stored) -> list[Kept]:
    return there.rows[phone.carrier.site.id]


def with_order(phone: Phone, there: Stored, order: list[UUID]) -> Stored:
    return replace(there, operations={**there.operations, phone.carrier.device_id: order})


def with_rows(phone: Phone, there: Stored, rows: list[Kept]) -> Stored:
    return replace(there, rows={**there.rows, phone.carrier.site.id: rows})


def test_what_came_as_it_was_sent_has_no_fault(sent):
    there = stored()
    assert faults([sent], there) == NOTHING
    assert sorted(len(row.pictures) for row in rows_of(sent, there)) == [0, 1, 1, 1]


def test_an_operation_or_its_row_that_is_missing_is_lost(sent):
    there = stored()
    order = there.operations[sent.carrier.device_id]
    for at in range(4):
        assert faults([sent], with_order(sent, there, order[:at] + order[at + 1 :])) == replace(NOTHING, lost=1)
        rows = rows_of(sent, there)
        assert faults([sent], with_rows(sent, there, rows[:at] + rows[at + 1 :])) == replace(NOTHING, lost=1)
    assert faults([sent], Stored({}, {})) == replace(NOTHING, lost=4)


def test_what_was_carried_out_twice_or_never_sent_is_doubled(sent):
    there = stored()
    order, rows = there.operations[sent.carrier.device_id], rows_of(sent, there)
    doubled = replace(NOTHING, doubled=1)
    for one in rows:
        assert faults([sent], with_rows(sent, there, [*rows, one])) == doubled
    assert faults([sent], with_rows(sent, there, [*rows, Kept(str(uuid4()), frozenset())])) == doubled
    assert faults([sent], with_order(sent, there, [*order, order[0]])) == doubled
    assert faults([sent], with_order(sent, there, [*order, uuid4()])) == doubled


def test_another_order_than_that_of_sending_is_counted(sent):
    there = stored()
    first, second, third, fourth = there.operations[sent.carrier.device_id]
    assert faults([sent], with_order(sent, there, [first, third, second, fourth])) == replace(NOTHING, out_of_order=2)
    assert faults([sent], with_order(sent, there, [second, third, fourth, first])) == replace(NOTHING, out_of_order=4)


def test_a_photo_that_is_missing_another_ones_or_one_too_many_is_counted(sent):
    there = stored()
    rows = rows_of(sent, there)
    wrong = replace(NOTHING, wrong_photo=1)
    for at, row in enumerate(rows):
        for pictures in ({*row.pictures, "another"}, {"another"}, set()):
            if pictures != row.pictures:
                changed = [*rows[:at], replace(row, pictures=frozenset(pictures)), *rows[at + 1 :]]
                assert faults([sent], with_rows(sent, there, changed)) == wrong


def test_photos_that_two_reports_exchanged_are_both_wrong(sent):
    reports = [one["payload"] for one in sent.operations if one["kind"] == "cases.report"]
    reports[0]["photos"], reports[1]["photos"] = reports[1]["photos"], reports[0]["photos"]
    assert faults([sent], stored()) == replace(NOTHING, wrong_photo=2)


def test_what_one_phone_sent_and_another_is_said_to_have_sent_is_lost_and_doubled(sent, cast):
    there = stored()
    other = Phone(replace(sent.carrier, device_id=uuid4(), site=cast.next_site), [], {}, seed=2)
    order = there.operations[sent.carrier.device_id]
    moved = with_order(sent, with_order(other, there, order[:1]), order[1:])
    assert faults([sent, other], moved) == replace(NOTHING, lost=1, doubled=1)
