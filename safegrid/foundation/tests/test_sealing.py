"""Sealing, verifying and proving; every tampering is found and named."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safegrid.foundation import clock, merkle, sealing, trace
from safegrid.foundation.errors import NotVisible, Refused
from safegrid.foundation.models import TraceBatch, TraceHead, TraceRow
from safegrid.foundation.tests.tampering import COUNTY, OTHER, erase, erase_row, problems, rows, tampering, write

pytestmark = pytest.mark.django_db


def test_sealing_puts_every_row_into_one_batch_of_one_chain(chain):
    batches = list(TraceBatch.objects.filter(county=COUNTY).order_by("seq"))
    assert [(b.seq, b.size) for b in batches] == [(1, 4), (2, 4), (3, 2)]
    assert [row_id for b in batches for row_id, _ in sealing.leaves_of(b)] == chain[:10] == sorted(chain[:10])
    assert bytes(batches[0].previous_head) == merkle.GENESIS
    assert bytes(batches[2].previous_head) == bytes(batches[1].head)
    head = TraceHead.objects.get(county=COUNTY)
    assert (head.seq, bytes(head.head)) == (3, bytes(batches[2].head))


def test_an_untouched_trace_is_whole_and_its_unsealed_rows_are_counted(chain):
    report = sealing.verify(COUNTY)
    assert report.is_whole
    assert (report.batches, report.sealed, report.unsealed, report.last_seq) == (3, 10, 1, 3)
    assert report.oldest_unsealed_at == rows(id=chain[-1]).get().at
    backlog = sealing.backlog(COUNTY)
    assert (backlog.rows, backlog.oldest_at) == (1, report.oldest_unsealed_at)
    assert sealing.backlog(OTHER) == sealing.Backlog(0, None)


def test_sealing_nothing_makes_no_batch():
    assert sealing.seal(COUNTY) == 0
    assert not TraceBatch.objects.filter(county=COUNTY).exists()
    assert sealing.verify(COUNTY).is_whole


def test_counties_have_chains_of_their_own():
    write(3)
    write(2, OTHER)
    write(1, trace.PLATFORM)
    assert sealing.seal_all() == 6
    assert sealing.seal_all() == 0
    assert sealing.verify(OTHER).sealed == 2
    assert TraceHead.objects.get(county=OTHER).seq == 1


def test_an_altered_row_is_named(chain):
    with tampering():
        rows(id=chain[5]).update(actor="别人")
    assert problems() == {("altered", 2, chain[5])}


OTHER_VALUES = {
    "at": "2020-01-01T00:00:00Z", "actor_id": UUID(int=9), "actor": "别人", "role": "x", "action": "x.z", "object_type": "x.x",
    "object_id": UUID(int=9), "changes": {"n": "5"}, "place": {"longitude": 1}, "device": "x", "request_id": "x",
    "row_hash": bytes(32),
}  # fmt: skip


@pytest.mark.parametrize("column", OTHER_VALUES)
def test_no_column_can_be_altered_unseen(chain, column):
    with tampering():
        rows(id=chain[5]).update(**{column: OTHER_VALUES[column]})
    assert problems() == {("altered", 2, chain[5])}


def test_every_column_of_a_row_is_hashed_or_checked_otherwise():
    columns = {field.attname for field in TraceRow._meta.concrete_fields}
    assert columns == set(trace.HASHED) | {"row_hash", "sealed_in"}
    assert columns - {"id", "county", "sealed_in"} == set(OTHER_VALUES)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.integers(0, 7), min_size=1, max_size=6),
    batch=st.integers(1, 5),
    act=st.sampled_from(["alter", "remove", "move", "unseal"]),
    data=st.data(),
)
def test_whatever_the_rhythm_of_sealing_one_tampering_is_found_and_named(monkeypatch, steps, batch, act, data):
    monkeypatch.setattr(sealing, "BATCH", batch)
    savepoint = transaction.savepoint()
    ids = []
    for count in steps:
        ids += write(count)
        assert sealing.seal(COUNTY) == count
    assert sealing.verify(COUNTY).is_whole
    if ids:
        victim = data.draw(st.sampled_from(ids))
        with tampering():
            sealed_in = rows(id=victim).get().sealed_in
            if act == "remove":
                erase_row(victim)
            else:
                change = {
                    "alter": {"actor": "别人"},
                    "move": {"sealed_in": sealed_in + 1},
                    "unseal": {"sealed_in": None},
                }
                rows(id=victim).update(**change[act])
        found = sealing.verify(COUNTY).problems
        kind = {"alter": "altered", "remove": "removed", "move": "reordered", "unseal": "reordered"}[act]
        assert (kind, sealed_in, victim) in {(p.kind, p.seq, p.row_id) for p in found}
        assert {p.row_id for p in found} == {victim}
    transaction.savepoint_rollback(savepoint)


def test_altering_the_hash_along_with_the_row_does_not_help(chain):
    with tampering():
        row = rows(id=chain[5]).get()
        row.actor = "别人"
        rows(id=chain[5]).update(actor="别人", row_hash=merkle.leaf_hash(trace.hashed_fields(row)))
    assert problems() == {("altered", 2, chain[5])}


def test_altering_row_hash_and_leaf_together_breaks_the_root(chain):
    with tampering():
        row = rows(id=chain[5]).get()
        batch = TraceBatch.objects.get(county=COUNTY, seq=2)
        row.actor = "别人"
        forged = merkle.leaf_hash(trace.hashed_fields(row))
        leaves = bytes(batch.leaves).replace(bytes(row.row_hash), forged)
        rows(id=row.id).update(actor="别人", row_hash=forged)
        TraceBatch.objects.filter(county=COUNTY, seq=2).update(leaves=leaves)
    assert problems() == {("batch", 2, None)}


def test_making_one_batch_anew_breaks_the_chain_after_it(chain):
    with tampering():
        row = rows(id=chain[5]).get()
        row.actor = "别人"
        forged = merkle.leaf_hash(trace.hashed_fields(row))
        batch = TraceBatch.objects.get(county=COUNTY, seq=2)
        leaves = bytes(batch.leaves).replace(bytes(row.row_hash), forged)
        root = merkle.root([leaves[i + 16 : i + 48] for i in range(0, len(leaves), 48)])
        head = merkle.head(bytes(batch.previous_head), COUNTY, 2, 4, root, batch.sealed_at)
        rows(id=row.id).update(actor="别人", row_hash=forged)
        TraceBatch.objects.filter(county=COUNTY, seq=2).update(leaves=leaves, root=root, head=head)
    assert problems() == {("chain", 3, None)}


def test_a_removed_row_is_named(chain):
    with tampering():
        erase_row(chain[0])
    assert problems() == {("removed", 1, chain[0])}


def test_a_removed_batch_is_named(chain):
    with tampering():
        erase("foundation_tracebatch", "county = %s AND seq = 2", COUNTY)
    assert ("chain", 3, None) in problems()


def test_a_cut_off_end_is_named(chain):
    with tampering():
        erase("foundation_tracebatch", "county = %s AND seq = 3", COUNTY)
        erase("foundation_tracerow", "county = %s AND sealed_in = 3", COUNTY)
    assert ("chain", 3, None) in problems()


def test_an_end_cut_off_together_with_the_head_shows_in_the_rows_left(chain):
    with tampering():
        erase("foundation_tracebatch", "county = %s AND seq = 3", COUNTY)
        second = TraceBatch.objects.get(county=COUNTY, seq=2)
        TraceHead.objects.filter(county=COUNTY).update(seq=2, head=second.head)
    assert problems() == {("inserted", 3, chain[8]), ("inserted", 3, chain[9])}


def test_an_inserted_row_that_claims_a_batch_is_named(chain):
    (forged,) = write(1)
    with tampering():
        rows(id=forged).update(sealed_in=2)
    assert problems() == {("inserted", 2, forged)}


def test_an_inserted_row_that_claims_a_batch_yet_to_come_is_named(chain):
    (forged,) = write(1)
    with tampering():
        rows(id=forged).update(sealed_in=9)
    assert problems() == {("inserted", 9, forged)}


def test_an_unsealed_row_dated_before_what_is_sealed_is_named(chain):
    long_ago = UUID(int=chain[0].int - (2 * 3_600_000 << 80))
    made = trace.row(acting_user=None, action="x.y", county=COUNTY)
    made.id = long_ago
    made.row_hash = merkle.leaf_hash(trace.hashed_fields(made))
    trace.save([made])
    assert problems() == {("inserted", None, long_ago)}
    assert sealing.verify(COUNTY, late_after=timedelta(hours=3)).is_whole


def test_a_row_altered_before_it_was_sealed_is_named_before_and_after(chain):
    with tampering():
        rows(id=chain[10]).update(device="别处")
    assert problems() == {("altered", None, chain[10])}
    sealing.seal(COUNTY)
    assert problems() == {("altered", 4, chain[10])}


def test_rows_moved_between_batches_are_named_once_each(chain):
    with tampering():
        rows(id=chain[1]).update(sealed_in=2)
        rows(id=chain[6]).update(sealed_in=1)
        rows(id=chain[8]).update(sealed_in=None)
    assert problems() == {("reordered", 1, chain[1]), ("reordered", 2, chain[6]), ("reordered", 3, chain[8])}


def test_reordered_leaves_are_named(chain):
    with tampering():
        batch = TraceBatch.objects.get(county=COUNTY, seq=1)
        data = bytes(batch.leaves)
        TraceBatch.objects.filter(county=COUNTY, seq=1).update(leaves=data[48:96] + data[:48] + data[96:])
    assert problems() == {("batch", 1, None), ("reordered", 1, chain[0])}


def test_many_problems_are_counted_without_being_kept(chain, monkeypatch):
    from safegrid.foundation import verification

    monkeypatch.setattr(verification, "MOST_PROBLEMS", 3)
    with tampering():
        rows().update(actor="别人")
    report = sealing.verify(COUNTY)
    assert (len(report.problems), report.more_problems) == (3, 8)
    assert not report.is_whole


def test_verifying_may_begin_at_a_later_batch(chain):
    with tampering():
        rows(id=chain[0]).update(actor="别人")
    report = sealing.verify(COUNTY, from_seq=2)
    assert report.is_whole
    assert (report.batches, report.sealed) == (2, 6)
    assert [p.kind for p in sealing.verify(COUNTY, from_seq=9).problems][:1] == ["chain"]


def test_a_simulated_past_raises_no_alarm():
    write(1)
    sealing.seal(COUNTY)
    with clock.simulated(clock.now() - timedelta(days=90)):
        write(3)
    assert sealing.verify(COUNTY).is_whole
    sealing.seal(COUNTY)
    assert sealing.verify(COUNTY).is_whole


def test_a_proof_holds_for_its_row_and_for_no_other(chain):
    found = sealing.proof(COUNTY, chain[6])
    assert found.holds()
    assert (found.seq, found.index, found.size) == (2, 2, 4)
    assert not replace(found, row={**found.row, "actor": "别人"}).holds()
    assert not replace(found, index=1).holds()
    assert not replace(found, seq=3).holds()
    assert all(sealing.proof(COUNTY, row_id).holds() for row_id in chain[:10])


def test_there_is_no_proof_of_what_is_not_sealed_or_not_there(chain):
    with pytest.raises(Refused, match="尚未封存"):
        sealing.proof(COUNTY, chain[10])
    with pytest.raises(NotVisible):
        sealing.proof(OTHER, chain[0])
    with tampering():
        rows(id=chain[10]).update(sealed_in=1)
    with pytest.raises(Refused, match="不在"):
        sealing.proof(COUNTY, chain[10])
