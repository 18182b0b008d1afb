from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db.models import F, Q

from safegrid.foundation.bulk import insert_objects
from safegrid.foundation.ids import uuid7
from safegrid.foundation.keys import CountyGuard
from safegrid.foundation.models import CalendarDay, ScopeGrant, TaskReceipt, TraceRow
from safegrid.foundation.statements import Prepared, update

pytestmark = pytest.mark.django_db
COUNTY, OTHER = 330521, 330522
DAY = date(2026, 5, 1)


def grant(county=COUNTY, **given):
    row = ScopeGrant(county=county, **{"user_id": uuid7(), "kind": "grid", "key": uuid7(), "source": uuid7(),
                                       "valid_from": DAY, **given})  # fmt: skip
    row.save(force_insert=True)
    return row


def grants(county, user_id=None, on=None, keys=None, valid_to="any"):
    rows = ScopeGrant.objects.filter(county=county)
    rows = rows if user_id is None else rows.filter(user_id=user_id)
    rows = rows if on is None else rows.filter(valid_from__lte=on)
    rows = rows if valid_to == "any" else rows.filter(valid_to=valid_to)
    return rows.order_by("id") if keys is None else rows.filter(key__in=keys).order_by("id")


def test_a_prepared_statement_finds_what_its_queryset_finds_with_other_values_each_time():
    find = Prepared(grants)
    first, second = grant(), grant()
    for row in (first, second, first):
        assert find(county=COUNTY, user_id=row.user_id, on=DAY) == [row]
    assert find(county=COUNTY, user_id=first.user_id, on=date(2026, 4, 30)) == []
    assert find(county=OTHER, user_id=first.user_id, on=DAY) == []
    found = find.one(county=COUNTY, user_id=second.user_id, on=DAY)
    assert vars(ScopeGrant.objects.get(county=COUNTY, id=second.id)) | {"_state": 0} == vars(found) | {"_state": 0}


def test_lists_of_any_length_and_none_are_values_like_others():
    find = Prepared(grants)
    rows = [grant() for _ in range(3)] + [grant(valid_to=DAY)]
    for count in (1, 3, 2, 0):
        assert find(county=COUNTY, keys=[row.key for row in rows[:count]]) == rows[:count]
    assert find(county=COUNTY, valid_to=None) == rows[:3]
    assert find(county=COUNTY, valid_to=DAY) == rows[3:]


def test_what_is_fixed_makes_a_statement_of_its_own():
    find = Prepared(lambda kinds, county: ScopeGrant.objects.filter(county=county, kind__in=kinds).values_list("kind"))
    grant(kind="grid"), grant(kind="site")
    assert find(("grid",), county=COUNTY) == [("grid",)]
    assert sorted(find(("grid", "site"), county=COUNTY)) == [("grid",), ("site",)]
    assert find((), county=COUNTY) == []


def test_moments_documents_and_bytes_come_back_as_from_a_queryset():
    at = datetime(2026, 5, 1, 8, 30, 0, 123456, UTC)
    row = TraceRow(
        id=uuid7(), county=COUNTY, at=at, actor="甲", action="a.b", changes={"x": [1, None]}, row_hash=b"\0" * 32
    )
    insert_objects([row])
    find = Prepared(lambda county, at: TraceRow.objects.filter(county=county, at=at))
    read = find.one(county=COUNTY, at=at)
    assert (read.at, read.changes, read.place, bytes(read.row_hash)) == (at, {"x": [1, None]}, None, b"\0" * 32)
    assert TraceRow.objects.get(county=COUNTY, place__isnull=True).id == row.id


def test_a_value_that_the_database_would_not_get_as_it_is_is_refused():
    starting = Prepared(lambda county, words: ScopeGrant.objects.filter(county=county, kind__startswith=words))
    ignoring = Prepared(lambda county, kind: ScopeGrant.objects.filter(county=county))
    with pytest.raises(ValueError, match="does not reach"):
        starting(county=COUNTY, words="g")
    with pytest.raises(ValueError, match="does not reach"):
        ignoring(county=COUNTY, kind="grid")


def test_the_guard_sees_prepared_statements(settings):
    from django.db import connection

    find = Prepared(lambda user_id: ScopeGrant.objects.filter(user_id=user_id))
    with connection.execute_wrapper(CountyGuard()), pytest.raises(AssertionError, match="no county"):
        find(user_id=uuid7())


def test_an_update_writes_where_everything_is_equal_and_says_how_many():
    row, other = grant(), grant(county=OTHER)
    where = {"county": COUNTY, "id": row.id, "kind": "grid"}
    assert update(ScopeGrant, where, {"valid_to": DAY, "kind": "site"}) == 1
    assert update(ScopeGrant, where, {"valid_to": None}) == 0
    kept = ScopeGrant.objects.filter(Q(county=COUNTY) | Q(county=OTHER), county__in=[COUNTY, OTHER])
    assert dict(kept.values_list("id", "kind")) == {row.id: "site", other.id: "grid"}
    assert ScopeGrant.objects.get(county=COUNTY, id=row.id).valid_to == DAY


def test_an_update_takes_expressions_and_refuses_to_compare_with_null():
    row = grant()
    update(ScopeGrant, {"county": COUNTY, "id": row.id}, {"valid_to": F("valid_from")})
    assert ScopeGrant.objects.get(county=COUNTY, id=row.id).valid_to == DAY
    with pytest.raises(ValueError, match="NULL"):
        update(ScopeGrant, {"county": COUNTY, "valid_to": None}, {"kind": "site"})


def test_an_insertion_leaves_out_what_is_there_already():
    day = {"county": COUNTY, "day": DAY, "is_workday": False}
    assert insert_objects([CalendarDay(**day)], unless=("county", "day")) == 1
    assert insert_objects([CalendarDay(**day, words="again")], unless=("county", "day")) == 0
    assert CalendarDay.objects.get(county=COUNTY, day=DAY).words == ""
    assert insert_objects([CalendarDay(**day, words="then")], unless=("county", "day"), then=("words",)) == 1
    assert CalendarDay.objects.get(county=COUNTY, day=DAY).words == "then"
    assert insert_objects([TaskReceipt(key="one", done_at=datetime(2026, 5, 1, tzinfo=UTC))], unless=("key",)) == 1
