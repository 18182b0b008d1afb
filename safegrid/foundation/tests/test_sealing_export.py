"""The commands of the trace, and the export as a third party checks it."""

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from safegrid.foundation import sealing
from safegrid.foundation.models import TraceBatch, TraceHead
from safegrid.foundation.tests.tampering import COUNTY, OTHER, erase, erase_row, rows, tampering, write

pytestmark = pytest.mark.django_db
TOOL = Path(__file__).resolve().parents[3] / "tools" / "verify_trace_export.py"


def test_the_command_prints_the_head_when_all_is_well(chain, capsys):
    call_command("verify_trace", county=[COUNTY])
    out = capsys.readouterr().out
    assert "校验通过" in out
    assert "未封存 1 行" in out
    assert bytes(TraceHead.objects.get(county=COUNTY).head).hex() in out


def test_the_command_names_the_row_and_fails_over_all_counties(chain, capsys):
    write(1, OTHER)
    sealing.seal(OTHER)
    with tampering():
        rows(id=chain[3]).update(actor="别人")
    with pytest.raises(SystemExit) as left:
        call_command("verify_trace")
    out = capsys.readouterr().out
    assert left.value.code == 1
    assert f"[内容被改] {COUNTY} 批次1，行{chain[3]}" in out
    assert f"{OTHER}：批次 1" in out


def test_sealing_once_by_command(capsys):
    write(3)
    call_command("seal_trace", once=True)
    assert "已封存 3 条" in capsys.readouterr().out


def check(file):
    return subprocess.run([sys.executable, str(TOOL), str(file)], capture_output=True, text=True, encoding="utf-8")


def exported(tmp_path, from_seq=1):
    file = tmp_path / "trace.jsonl"
    with file.open("wb") as out:
        sealing.export(COUNTY, out, from_seq=from_seq)
    return file


@pytest.mark.parametrize("from_seq", [1, 3])
def test_a_third_party_accepts_the_export(chain, tmp_path, from_seq):
    result = check(exported(tmp_path, from_seq))
    assert result.returncode == 0, result.stdout
    assert "校验通过" in result.stdout


TAMPERED = {
    "ALTERED": lambda ids: rows(id=ids[5]).update(actor="别人"),
    "REMOVED": lambda ids: erase_row(ids[5]),
    "INSERTED": lambda ids: rows(id=ids[10]).update(sealed_in=2),
    "REORDERED": lambda _: swap_leaves(),
    "CHAIN": lambda _: erase("foundation_tracebatch", "county = %s AND seq = 2", COUNTY),
}


def swap_leaves():
    data = bytes(TraceBatch.objects.get(county=COUNTY, seq=2).leaves)
    TraceBatch.objects.filter(county=COUNTY, seq=2).update(leaves=data[48:96] + data[:48] + data[96:])


@pytest.mark.parametrize("kind", TAMPERED)
def test_a_third_party_finds_each_tampering_in_the_export(chain, tmp_path, kind):
    with tampering():
        TAMPERED[kind](chain)
    result = check(exported(tmp_path))
    assert result.returncode == 1
    assert kind in result.stdout


def test_the_export_command_compresses_and_is_itself_in_the_trace(chain, tmp_path, capsys):
    out = tmp_path / "trace.jsonl.gz"
    call_command("export_trace", county=COUNTY, out=out)
    with gzip.open(out, "rt", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    assert lines[-1]["end"]["rows"] == 10
    assert lines[-1]["end"]["unsealed"] == 1
    assert lines[-1]["end"]["head"] in capsys.readouterr().out
    assert rows(action="foundation.export_trace").get().changes["rows"] == 10
    assert list(tmp_path.iterdir()) == [out]


def test_export_reads_in_bounded_queries(chain, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        sealing.export(COUNTY, io.BytesIO())
