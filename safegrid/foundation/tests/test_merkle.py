"""Canonical JSON, SM3 and the Merkle tree against their standards."""

import json
from collections import OrderedDict
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safegrid.foundation import merkle

hashes = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def rfc_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return merkle.sm3(b"\x01" + rfc_root(leaves[:split]) + rfc_root(leaves[split:]))


def rfc_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*rfc_path(index, leaves[:split]), rfc_root(leaves[split:])]
    return [*rfc_path(index - split, leaves[split:]), rfc_root(leaves[:split])]


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
        (b"", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"),
    ],
)
def test_sm3_gives_the_digests_of_the_standard(data, digest):
    assert merkle.sm3(data).hex() == digest


def test_canonical_json_is_sorted_compact_utf8():
    class Kind(StrEnum):
        A = "甲"

    moment = datetime(2024, 5, 6, 10, 30, tzinfo=timezone(timedelta(hours=8)))
    row = OrderedDict([("b", [1, 2.5, None, True]), ("a", '安全\n"'), ("t", moment), ("k", Kind.A)])
    row["id"] = UUID("0190A1B2-0000-7000-8000-000000000001")
    assert merkle.canonical(row).decode() == (
        '{"a":"安全\\n\\"","b":[1,2.5,null,true],"id":"0190a1b2-0000-7000-8000-000000000001","k":"甲",'
        '"t":"2024-05-06T02:30:00.000000Z"}'
    )


@given(json_values)
def test_canonical_json_survives_being_read_back(value):
    text = merkle.canonical(value)
    assert merkle.canonical(json.loads(text)) == text


@given(st.dictionaries(st.text(), st.integers()))
def test_the_order_of_keys_does_not_matter(value):
    assert merkle.canonical(dict(reversed(value.items()))) == merkle.canonical(value)


@pytest.mark.parametrize(("number", "text"), [(1.0, "1"), (-0.0, "0"), (1e16, "10000000000000000"), (0.1, "0.1")])
def test_whole_floats_are_written_as_integers(number, text):
    assert merkle.canonical([number]).decode() == f"[{text}]"


@pytest.mark.parametrize("value", [b"x", {1}, Decimal(1), date(2024, 1, 1), object(), {1: 2}, [1, {"a": b"x"}]])
def test_other_types_are_refused(value):
    with pytest.raises(TypeError, match="canonical form"):
        merkle.canonical(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), datetime(2024, 1, 1), "\ud800"])  # noqa: DTZ001
def test_values_without_a_canonical_form_are_refused(value):
    with pytest.raises(ValueError, match=r"canonical form|surrogates"):
        merkle.canonical({"a": value})


def test_leaf_and_node_hashes_carry_their_prefix():
    assert merkle.leaf_hash({"a": 1}) == merkle.sm3(b'\x00{"a":1}')
    assert merkle.node_hash(b"l" * 32, b"r" * 32) == merkle.sm3(b"\x01" + b"l" * 32 + b"r" * 32)


def test_the_root_of_nothing_is_the_hash_of_nothing():
    assert merkle.root([]) == merkle.sm3(b"")


@given(hashes)
def test_the_root_is_the_one_of_rfc_6962(leaves):
    assert merkle.root(leaves) == rfc_root(leaves)
    assert merkle.root([memoryview(leaf) for leaf in leaves]) == rfc_root(leaves)


@given(hashes, st.data())
def test_every_leaf_has_the_proof_of_rfc_6962_and_it_verifies(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = merkle.inclusion_proof(leaves, index)
    assert proof == rfc_path(index, leaves)
    assert merkle.verify_inclusion(leaves[index], index, len(leaves), proof, rfc_root(leaves))


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=2, max_size=40, unique=True), st.data())
def test_a_proof_shows_nothing_else(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(st.integers(0, len(leaves) - 1).filter(lambda i: i != index))
    size, root, proof = len(leaves), merkle.root(leaves), merkle.inclusion_proof(leaves, index)
    broken = [*proof]
    place = data.draw(st.integers(0, len(proof) - 1))
    broken[place] = merkle.sm3(broken[place])
    assert not merkle.verify_inclusion(leaves[other], index, size, proof, root)
    assert not merkle.verify_inclusion(leaves[index], other, size, proof, root)
    assert not merkle.verify_inclusion(leaves[index], index, size, broken, root)
    assert not merkle.verify_inclusion(leaves[index], index, size, proof[:-1], root)
    assert not merkle.verify_inclusion(leaves[index], index, size, [*proof, proof[0]], root)
    assert not merkle.verify_inclusion(leaves[index], index, size, proof, merkle.sm3(root))


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (1, 1), (0, 0), (5, 3)])
def test_positions_outside_the_tree_are_refused(index, size):
    leaves = [merkle.sm3(bytes([i])) for i in range(size)]
    assert not merkle.verify_inclusion(merkle.sm3(b""), index, size, [], merkle.root(leaves))
    with pytest.raises(IndexError, match="no leaf"):
        merkle.inclusion_proof(leaves, index)


@given(hashes, st.data())
def test_any_change_of_the_leaves_changes_the_root(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    root = merkle.root(leaves)
    altered = [*leaves[:index], merkle.sm3(leaves[index]), *leaves[index + 1 :]]
    removed = leaves[:index] + leaves[index + 1 :]
    inserted = [*leaves[:index], merkle.sm3(b"new"), *leaves[index:]]
    swapped = [*leaves]
    swapped[0], swapped[index] = swapped[index], swapped[0]
    assert root not in (merkle.root(altered), merkle.root(removed), merkle.root(inserted))
    assert (merkle.root(swapped) == root) is (swapped == leaves)


def test_a_head_depends_on_each_of_its_parts():
    sealed = datetime(2024, 5, 6, 2, 30, tzinfo=UTC)
    parts = (merkle.GENESIS, 330102, 1, 3, b"r" * 32, sealed)
    others = (b"p" * 32, 330103, 2, 4, b"s" * 32, sealed + timedelta(microseconds=1))
    heads = {merkle.head(*parts[:i], others[i], *parts[i + 1 :]) for i in range(len(parts))}
    assert len(heads | {merkle.head(*parts)}) == len(parts) + 1
    assert merkle.head(*parts) == merkle.sm3(
        b'\x02{"county":330102,"prev_head":"' + b"00" * 32 + b'","root":"' + b"72" * 32 + b'",'
        b'"sealed_at":"2024-05-06T02:30:00.000000Z","seq":1,"size":3}'
    )
