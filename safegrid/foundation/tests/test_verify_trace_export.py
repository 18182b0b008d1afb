"""The standalone verifier, run as a third party runs it: on files, in a process of its own."""

import copy
import importlib.util
import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from safegrid.foundation import merkle

TOOL = Path(__file__).resolve().parents[3] / "tools" / "verify_trace_export.py"
COUNTY = 330102
BEGIN = datetime(2024, 5, 6, 2, 30, tzinfo=UTC)


def row_id(number: int) -> str:
    return str(UUID(int=(0x0190 << 112) + number))


def make_row(number: int) -> dict:
    fields = {
        "id": UUID(row_id(number)),
        "county": COUNTY,
        "at": BEGIN + timedelta(seconds=number, microseconds=7),
        "actor_id": UUID(int=number),
        "actor": "张三",
        "role": "lead_officer",
        "action": "cases.dispatch",
        "object_type": "cases.case",
        "object_id": UUID(int=1000 + number),
        "changes": {"state": ["registered", "dispatched"], "score": [1.0, 2.5], "words": "配电箱\n“未上锁”"},
        "place": {"lon": 120.125, "lat": 30.0, "accuracy": 12.0} if number % 2 else None,
        "device": "",
        "request_id": f"r{number}",
    }
    return json.loads(merkle.canonical(fields))


def make_export(sizes=(3, 5, 1, 4), unsealed=2) -> list[dict]:
    """An export as the product writes it, by the product's own hashing: a list of the lines' objects."""
    lines: list[dict] = [{"format": "safegrid-trace/1", "county": COUNTY, "exported_at": "2024-05-07T00:00:00.000000Z"}]
    head, number = merkle.GENESIS, 0
    for seq, size in enumerate(sizes, 1):
        rows = [make_row(number + n) for n in range(size)]
        number += size
        seal(lines, rows, seq, head)
        head = bytes.fromhex(lines[-size - 1]["batch"]["head"])
    for n in range(unsealed):
        row = make_row(number + n)
        lines.append({"unsealed": {**row, "hash": merkle.leaf_hash(row).hex()}})
    end = {"batches": len(sizes), "rows": sum(sizes), "unsealed": unsealed, "head": head.hex()}
    return [*lines, {"end": end}]


def seal(lines: list[dict], rows: list[dict], seq: int, prev_head: bytes) -> None:
    leaves = [merkle.leaf_hash(row) for row in rows]
    root, sealed_at = merkle.root(leaves), BEGIN + timedelta(minutes=seq)
    batch = {
        "seq": seq,
        "size": len(rows),
        "root": root.hex(),
        "prev_head": prev_head.hex(),
        "head": merkle.head(prev_head, COUNTY, seq, len(rows), root, sealed_at).hex(),
        "sealed_at": json.loads(merkle.canonical(sealed_at)),
        "leaves": [[row["id"], leaf.hex()] for row, leaf in zip(rows, leaves, strict=True)],
    }
    lines += [{"batch": batch}, *({"row": row} for row in rows)]


def place_of(lines: list[dict], number: int) -> int:
    return next(i for i, line in enumerate(lines) if line.get("row", {}).get("id") == row_id(number))


def batches_of(lines: list[dict]) -> list[dict]:
    return [line["batch"] for line in lines if "batch" in line]


@pytest.fixture
def verify(tmp_path):
    def run(lines: list[dict] | bytes, *options: str) -> tuple[int, list[tuple[str, str]], str]:
        """Exit status, findings as (kind, text), and the whole output."""
        file = tmp_path / "trace.jsonl"
        text = lines if isinstance(lines, bytes) else "".join(json.dumps(x) + "\n" for x in lines).encode()
        file.write_bytes(text)
        # -I: neither our packages nor the environment can help; cwd: not even by chance.
        command = [sys.executable, "-I", str(TOOL), str(file), *options]
        done = subprocess.run(command, capture_output=True, cwd=tmp_path, timeout=60, check=False)
        assert not done.stderr, done.stderr.decode()
        output = done.stdout.decode()
        findings = re.findall(r"^\[\S+ ([A-Z]+)\] (.*)$", output, re.MULTILINE)
        assert done.returncode == (1 if findings else 0)
        return done.returncode, findings, output

    return run


@pytest.mark.parametrize("options", [(), ("--bundled-sm3",)])
def test_an_untouched_export_verifies_with_either_sm3(verify, options):
    status, findings, output = verify(make_export(), *options)
    assert (status, findings) == (0, [])
    assert "校验通过 verified" in output
    assert "1-4 (4)" in output
    assert "sealed rows 13" in output
    assert "not yet sealed 2" in output


def test_the_bundled_sm3_agrees_with_the_library_at_every_padding():
    spec = importlib.util.spec_from_file_location("verify_trace_export", TOOL)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    for length in range(200):
        data = bytes(range(length))
        assert tool.bundled_sm3(data) == merkle.sm3(data)


def test_an_export_without_any_row_verifies(verify):
    assert verify(make_export(sizes=(), unsealed=0))[0] == 0


def test_an_altered_row_is_named(verify):
    lines = make_export()
    lines[place_of(lines, 5)]["row"]["changes"]["state"][1] = "closed"
    _, findings, _ = verify(lines)
    assert [kind for kind, _ in findings] == ["ALTERED"]
    assert row_id(5) in findings[0][1]
    assert "batch 2" in findings[0][1]


@pytest.mark.parametrize("field", sorted(make_row(1)))
def test_a_change_of_any_field_is_found(verify, field):
    lines = make_export(sizes=(2,), unsealed=0)
    row = lines[place_of(lines, 1)]["row"]
    row[field] = 330103 if field == "county" else "changed"
    assert {kind for kind, _ in verify(lines)[1]} & {"ALTERED", "INSERTED", "REMOVED"}
    del row[field]
    assert verify(lines)[0] == 1


def test_a_removed_row_is_named(verify):
    lines = make_export()
    del lines[place_of(lines, 9)]
    lines[-1]["end"]["rows"] -= 1
    _, findings, _ = verify(lines)
    assert [kind for kind, _ in findings] == ["REMOVED"]
    assert row_id(9) in findings[0][1]
    assert "batch 4" in findings[0][1]


def test_an_inserted_row_is_named(verify):
    lines = make_export()
    lines.insert(place_of(lines, 2), {"row": make_row(77)})
    lines[-1]["end"]["rows"] += 1
    _, findings, _ = verify(lines)
    assert [kind for kind, _ in findings] == ["INSERTED"]
    assert row_id(77) in findings[0][1]
    assert "batch 1" in findings[0][1]


def test_a_repeated_row_counts_as_inserted(verify):
    lines = make_export()
    place = place_of(lines, 2)
    lines.insert(place, lines[place])
    lines[-1]["end"]["rows"] += 1
    _, findings, _ = verify(lines)
    assert [kind for kind, _ in findings] == ["INSERTED"]
    assert row_id(2) in findings[0][1]


def test_a_reordered_row_is_named_and_only_that_row(verify):
    lines = make_export()
    moved = lines.pop(place_of(lines, 3))
    lines.insert(place_of(lines, 6) + 1, moved)
    _, findings, _ = verify(lines)
    assert [kind for kind, _ in findings] == ["REORDERED"]
    assert row_id(3) in findings[0][1]
    assert "batch 2" in findings[0][1]


def test_a_row_moved_to_another_batch_is_missed_there_and_refused_here(verify):
    lines = make_export()
    moved = lines.pop(place_of(lines, 0))
    lines.insert(place_of(lines, 8), moved)
    _, findings, _ = verify(lines)
    assert [(kind, row_id(0) in text) for kind, text in findings] == [("REMOVED", True), ("INSERTED", True)]


def test_a_row_altered_together_with_its_leaf_breaks_the_batch(verify):
    lines = make_export()
    row = lines[place_of(lines, 5)]["row"]
    row["actor"] = "李四"
    batches_of(lines)[1]["leaves"][2][1] = merkle.leaf_hash(row).hex()
    _, findings, _ = verify(lines)
    assert [kind for kind, _ in findings] == ["BATCH"]
    assert "batch 2" in findings[0][1]


def test_a_row_inserted_together_with_its_leaf_is_named(verify):
    lines = make_export()
    lines.insert(place_of(lines, 7) + 1, {"row": make_row(77)})
    batches_of(lines)[1]["leaves"].append([row_id(77), merkle.leaf_hash(make_row(77)).hex()])
    lines[-1]["end"]["rows"] += 1
    _, findings, _ = verify(lines)
    assert [kind for kind, _ in findings] == ["INSERTED"]
    assert row_id(77) in findings[0][1]


def test_a_row_removed_together_with_its_leaf_is_counted(verify):
    lines = make_export()
    del lines[place_of(lines, 5)]
    del batches_of(lines)[1]["leaves"][2]
    lines[-1]["end"]["rows"] -= 1
    _, findings, _ = verify(lines)
    assert [kind for kind, _ in findings] == ["REMOVED"]
    assert "batch 2" in findings[0][1]


def test_rows_reordered_together_with_their_leaves_are_named(verify):
    lines = make_export()
    leaves = batches_of(lines)[1]["leaves"]
    leaves.append(leaves.pop(0))
    moved = lines.pop(place_of(lines, 3))
    lines.insert(place_of(lines, 7) + 1, moved)
    _, findings, _ = verify(lines)
    assert [kind for kind, _ in findings] == ["REORDERED", "BATCH"]
    assert row_id(3) in findings[0][1]


def test_a_batch_sealed_anew_over_an_altered_row_breaks_the_chain_after_it(verify):
    lines = make_export()
    rows = [make_row(n) for n in range(3, 8)]
    rows[2]["actor"] = "李四"
    forged: list[dict] = []
    seal(forged, rows, 2, bytes.fromhex(batches_of(lines)[0]["head"]))
    start = place_of(lines, 3) - 1
    lines[start : start + 6] = forged
    _, findings, _ = verify(lines)
    assert [kind for kind, _ in findings] == ["CHAIN"]
    assert "batch 3" in findings[0][1]


def test_a_whole_chain_made_anew_is_found_by_a_head_noted_elsewhere(verify):
    honest = batches_of(make_export())[1]["head"]
    forged = make_export(sizes=(3, 4, 1, 5))
    assert verify(forged)[0] == 0
    _, findings, _ = verify(forged, "--head", f"2:{honest}")
    assert [kind for kind, _ in findings] == ["CHAIN"]
    assert "batch 2" in findings[0][1]
    _, findings, _ = verify(make_export(sizes=(3,)), "--head", f"2:{honest}")
    assert [kind for kind, _ in findings] == ["CHAIN"]
    assert verify(make_export(), "--head", f"2:{honest}")[0] == 0


def test_a_chain_cut_short_contradicts_the_end_line(verify):
    lines = make_export(unsealed=0)
    del lines[place_of(lines, 9) - 1 : -1]
    lines[-1]["end"].update(batches=3, rows=9)
    _, findings, _ = verify(lines)
    assert [kind for kind, _ in findings] == ["CHAIN"]
    assert "end line" in findings[0][1]


def test_a_row_of_another_county_is_refused_even_when_sealed(verify):
    lines: list[dict] = [make_export()[0]]
    seal(lines, [make_row(1), {**make_row(2), "county": 330103}], 1, merkle.GENESIS)
    lines.append({"end": {"batches": 1, "rows": 2, "unsealed": 0, "head": lines[1]["batch"]["head"]}})
    _, findings, _ = verify(lines)
    assert [kind for kind, _ in findings] == ["INSERTED"]
    assert "330103" in findings[0][1]


def test_a_missing_batch_is_a_gap(verify):
    lines = make_export()
    start = place_of(lines, 3) - 1
    del lines[start : start + 6]
    lines[-1]["end"].update(batches=3, rows=8)
    _, findings, _ = verify(lines)
    assert [kind for kind, _ in findings] == ["CHAIN"]
    assert "missing batches 2-2" in findings[0][1]


def test_two_batches_of_one_number_are_a_fork(verify):
    lines = make_export(sizes=(3, 2), unsealed=0)
    twin: list[dict] = []
    seal(twin, [make_row(50)], 2, bytes.fromhex(batches_of(lines)[0]["head"]))
    lines[-1:-1] = twin
    lines[-1]["end"].update(batches=3, rows=6, head=twin[0]["batch"]["head"])
    _, findings, _ = verify(lines)
    assert [kind for kind, _ in findings] == ["CHAIN"]
    assert "fork" in findings[0][1]


@pytest.mark.parametrize(
    ("field", "value"),
    [("sealed_at", "2024-05-06T09:00:00.000000Z"), ("root", "ab" * 32), ("size", 9), ("prev_head", "ab" * 32)],
)
def test_a_changed_field_of_a_batch_is_found(verify, field, value):
    lines = make_export()
    batches_of(lines)[1][field] = value
    assert any("batch 2" in text for _, text in verify(lines)[1])


def test_an_export_may_begin_after_an_earlier_batch(verify):
    lines = make_export(sizes=(3, 5), unsealed=0)
    head = batches_of(lines)[0]["head"]
    lines = [{**lines[0], "after": {"seq": 1, "head": head}}, *lines[5:]]
    lines[-1]["end"].update(batches=1, rows=5)
    status, _, output = verify(lines, "--head", f"1:{head}")
    assert status == 0
    assert "does not hold batches 1-1" in output
    lines[0]["after"]["head"] = "cd" * 32
    assert [kind for kind, _ in verify(lines)[1]] == ["CHAIN"]


def test_an_altered_unsealed_row_is_named(verify):
    lines = make_export()
    lines[-2]["unsealed"]["role"] = "leader"
    _, findings, _ = verify(lines)
    assert [kind for kind, _ in findings] == ["ALTERED"]
    assert row_id(14) in findings[0][1]


def test_a_file_cut_off_is_not_taken_for_whole(verify):
    lines = make_export()
    assert [kind for kind, _ in verify(lines[:-1])[1]] == ["FILE"]
    text = "".join(json.dumps(line) + "\n" for line in lines).encode()
    assert [kind for kind, _ in verify(text[: len(text) // 2])[1]] == ["FILE"]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        b"[]\n",
        b"{}\n",
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        b'{"format":"safegrid-trace/1","county":"330102","exported_at":""}\n',
        b'{"format":"safegrid-trace/1","county":1,"exported_at":""}\n{"batch":{"seq":1}}\n',
        b'{"format":"safegrid-trace/1","county":1,"exported_at":""}\n{"row":[]}\n',
        b'{"format":"safegrid-trace/1","county":1,"exported_at":""}\n'
        b'{"batch":{"seq":1,"size":1,"root":"%(h)b","prev_head":"%(h)b","head":"%(h)b","sealed_at":"","leaves":[1]}}\n'
        % {b"h": b"0" * 64},
        b'{"format":"safegrid-trace/1","county":1,"exported_at":""}\n{"other":1}\n',
        b'{"format":"safegrid-trace/1","county":1,"exported_at":""}\n{"row":{"id":"a","county":1,"x":NaN}}\n',
        b'{"format":"safegrid-trace/1","county":1,"exported_at":""}\n{"row":{"id":"a","county":1,"x":1e999}}\n',
        b'{"format":"safegrid-trace/1","county":1,"exported_at":""}\n{"row":{"id":"a","county":1,"x":"\\ud800"}}\n',
    ],
)
def test_what_is_not_an_export_is_refused_without_a_crash(verify, text):
    assert [kind for kind, _ in verify(text)[1]][-1] == "FILE"


def test_a_key_given_twice_is_refused(verify):
    lines = make_export(sizes=(1,), unsealed=0)
    text = "".join(json.dumps(line) + "\n" for line in lines)
    twice = text.replace('{"row": {', '{"row": {"role": "leader", ')
    assert twice != text
    assert verify(twice.encode())[1][0][0] == "FILE"


def test_something_after_the_end_is_refused(verify):
    lines = make_export()
    assert [kind for kind, _ in verify([*lines, copy.deepcopy(lines[-2])])[1]] == ["FILE"]


def test_an_export_is_read_from_standard_input_and_a_missing_file_reported(tmp_path):
    text = "".join(json.dumps(line) + "\n" for line in make_export()).encode()
    command = [sys.executable, "-I", str(TOOL)]
    assert subprocess.run([*command, "-"], input=text, capture_output=True, check=False).returncode == 0
    done = subprocess.run([*command, str(tmp_path / "none")], capture_output=True, check=False)
    assert done.returncode == 1
    assert "FILE" in done.stdout.decode()
