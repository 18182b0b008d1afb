"""A sealed chain to tamper with, and the hand of the database's owner."""

from contextlib import contextmanager

from django.db import connection

from safegrid.foundation import sealing, trace, triggers
from safegrid.foundation.ids import uuid7
from safegrid.foundation.keys import cross_county
from safegrid.foundation.models import TraceRow

COUNTY, OTHER = 330521, 330522


def write(count, county=COUNTY):
    rows = [
        trace.row(acting_user=None, action="x.y", county=county, object_id=uuid7(), changes={"n": n})
        for n in range(count)
    ]
    trace.save(rows)
    return [row.id for row in rows]


@contextmanager
def tampering():
    """Play the owner of the database: without triggers, without the guard."""
    triggers.remove(connection)
    with cross_county("tampering"):
        yield
    triggers.install(connection)


def rows(**found):
    return TraceRow.objects.filter(county=COUNTY, **found)


def erase(table, where, *values):
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {where}", values)


def erase_row(row_id):
    erase("foundation_tracerow", "id = %s", row_id.hex if connection.vendor == "sqlite" else row_id)


def problems(county=COUNTY):
    return {(p.kind, p.seq, p.row_id) for p in sealing.verify(county).problems}
