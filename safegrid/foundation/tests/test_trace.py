"""Writing and reading the trace: what a row holds survives both databases, and the database refuses to change it."""

from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safegrid.foundation import clock, merkle, trace, triggers
from safegrid.foundation.ids import uuid7
from safegrid.foundation.models import TraceBatch, TraceRow
from safegrid.foundation.sealing import seal
from safegrid.orgs.models import Department

pytestmark = pytest.mark.django_db
COUNTY = 330521
LI = SimpleNamespace(id=UUID(int=7), label="李四", holdings=tuple)


def only_row(county=COUNTY):
    return TraceRow.objects.get(county=county)


def is_true_to_its_hash(row):
    return merkle.leaf_hash(trace.hashed_fields(row)) == bytes(row.row_hash)


def test_a_row_says_who_did_what_to_what_and_where():
    department = Department.objects.create(county=COUNTY, code="yj", name="应急管理局")
    with (
        clock.simulated(datetime.fromisoformat("2026-03-02T09:00:00.000123+08:00")),
        trace.context(device="手机", request_id="r1"),
        trace.context(place={"longitude": 120.5, "latitude": 30.0}),
    ):
        trace.record(
            acting_user=LI, action="orgs.rename", target=department, changes={"name": ["甲", "乙"]}, role="lead_officer"
        )
    row = only_row()
    assert (row.actor_id, row.actor, row.role, row.action) == (LI.id, "李四", "lead_officer", "orgs.rename")
    assert (row.object_type, row.object_id) == ("orgs.department", department.id)
    assert row.changes == {"name": ["甲", "乙"]}
    assert (row.device, row.request_id, row.place) == ("手机", "r1", {"longitude": 120.5, "latitude": 30})
    assert row.at.isoformat() == "2026-03-02T01:00:00.000123+00:00"
    assert is_true_to_its_hash(row)


def test_circumstances_end_with_their_block():
    with trace.context(device="手机"):
        pass
    trace.record(acting_user=None, action="orgs.sweep", county=COUNTY)
    row = only_row()
    assert (row.device, row.actor, row.actor_id, row.object_id) == ("", "系统", None, None)


def test_an_act_of_no_county_goes_to_the_platforms_chain():
    trace.record(acting_user=None, action="regions.load", object_type="regions.region", object_id=uuid7())
    assert only_row(trace.PLATFORM).action == "regions.load"


def test_a_rolled_back_act_leaves_no_trace():
    with transaction.atomic():
        trace.record(acting_user=None, action="orgs.sweep", county=COUNTY)
        transaction.set_rollback(True)
    assert not TraceRow.objects.filter(county=COUNTY).exists()


def test_whatever_a_verb_hands_over_can_be_hashed_again_after_storing():
    changes = {
        "amount": Decimal("12.50"),
        "on": date(2026, 3, 2),
        "ids": {UUID(int=2), UUID(int=1)},
        "whole": 1e23,
        "tiny": 5e-324,
        "zero": -0.0,
        "endless": float("inf"),
        "raw": b"\x01\xff",
        "words": "配电箱\0\ud800",
        7: None,
        "nested": [{"a": (True, 1.25)}],
    }
    trace.record(acting_user=None, action="x.y", county=COUNTY, changes=changes)
    row = only_row()
    assert is_true_to_its_hash(row)
    assert row.changes["amount"] == "12.50"
    assert row.changes["ids"] == [str(UUID(int=1)), str(UUID(int=2))]
    assert row.changes["nested"] == [{"a": [True, 1.25]}]


def test_overlong_headers_are_cut_instead_of_refusing_the_act():
    with trace.context(device="浏" * 500, request_id="r" * 500):
        trace.record(acting_user=SimpleNamespace(id=uuid7(), label="名" * 200), action="x.y", county=COUNTY)
    row = only_row()
    assert (len(row.device), len(row.request_id), len(row.actor)) == (200, 100, 80)
    assert is_true_to_its_hash(row)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text() | st.dates() | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.dictionaries(st.text(max_size=5), values, max_size=4))
def test_the_hash_of_any_changes_survives_the_database(changes):
    made = trace.row(acting_user=None, action="x.y", county=COUNTY, changes=changes)
    trace.save([made])
    assert is_true_to_its_hash(TraceRow.objects.get(county=COUNTY, id=made.id))


def test_acts_upon_a_row_are_read_in_time_order_and_only_of_its_county():
    one = Department.objects.create(county=COUNTY, code="a", name="甲")
    two = Department.objects.create(county=COUNTY, code="b", name="乙")
    for minute, (target, action) in enumerate([(one, "x.a"), (two, "x.b"), (one, "x.c")]):
        with clock.simulated(datetime.fromisoformat(f"2026-03-02T09:{30 - minute}:00+08:00")):
            trace.record(acting_user=None, action=action, target=target)
    trace.record(acting_user=None, action="x.other", county=330522, object_id=one.id)
    assert [row.action for row in trace.trace_of(one)] == ["x.c", "x.a"]
    assert [row.action for row in trace.rows_about(COUNTY, [one.id, two.id])] == ["x.c", "x.b", "x.a"]
    assert [row.action for row in trace.rows_about(COUNTY, [one.id, two.id], limit=2)] == ["x.b", "x.a"]
    assert trace.rows_about(COUNTY, []) == []


CHANGES = {
    "delete": "DELETE FROM foundation_tracerow",
    "alter": "UPDATE foundation_tracerow SET action = 'x.z'",
    "backdate": "UPDATE foundation_tracerow SET at = '2020-01-01 00:00:00+00:00'",
    "rewrite": "UPDATE foundation_tracerow SET changes = '{\"a\": 2}'",
    "unseal": "UPDATE foundation_tracerow SET sealed_in = NULL",
    "reseal": "UPDATE foundation_tracerow SET sealed_in = 2",
    "alter batch": "UPDATE foundation_tracebatch SET size = 7",
    "delete batch": "DELETE FROM foundation_tracebatch",
}


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES)
def test_the_database_refuses_to_change_the_trace(statement):
    trace.record(acting_user=None, action="x.y", county=COUNTY, changes={"a": 1})
    seal(COUNTY)
    before = [trace.hashed_fields(only_row()), only_row().sealed_in, TraceBatch.objects.get(county=COUNTY).size]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(statement)
    assert [trace.hashed_fields(only_row()), only_row().sealed_in, TraceBatch.objects.get(county=COUNTY).size] == before


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["foundation_tracerow", "foundation_tracebatch"])
def test_postgresql_refuses_to_empty_the_trace(table):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(f"TRUNCATE {table}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_the_database_still_refuses_after_it_was_emptied_between_tests(turn):
    trace.record(acting_user=None, action="x.y", county=COUNTY)
    with pytest.raises(DatabaseError, match="append-only"):
        run("DELETE FROM foundation_tracerow")


def test_an_unsealed_row_may_be_sealed_but_not_altered_on_the_way():
    trace.record(acting_user=None, action="x.y", county=COUNTY)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        TraceRow.objects.filter(county=COUNTY).update(sealed_in=1, action="x.z")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        TraceRow.objects.filter(county=COUNTY).update(device="x")
    assert seal(COUNTY) == 1


def test_the_triggers_cover_every_column():
    columns = {field.column for field in TraceRow._meta.concrete_fields}
    assert columns == {*triggers.COLUMNS, "sealed_in"}


def run(statement):
    from safegrid.foundation.keys import cross_county

    with cross_county("tampering"), connection.cursor() as cursor:
        cursor.execute(statement.replace("%", "%%"))
