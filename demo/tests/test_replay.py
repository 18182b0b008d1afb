"""A tiny city through the replay: every row that goes in comes out somewhere."""

from __future__ import annotations

import csv
import gzip
import json
import os
import signal
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from shapely.geometry import box, mapping

from demo.replay import source
from demo.replay.city import COUNTY
from demo.replay.run import Replay
from demo.replay.source import Inspection
from safegrid.cases.models import Case
from safegrid.foundation.models import TraceRow
from safegrid.patrols.models import Visit
from safegrid.sites.models import Site

pytestmark = pytest.mark.django_db

PREMISES = [  # license, type, latitude, longitude
    ("1", "Restaurant", 41.85, -87.65),
    ("2", "Grocery Store", 41.85, -87.63),
    ("3", "School", 41.85, -87.61),
    ("4", "Restaurant", None, None),
    ("5", "Restaurant", 45.0, -80.0),
]
INSPECTIONS = [  # id, license, day, critical, serious, minor
    ("10", "1", "2012-01-03", 1, 1, 2),
    ("11", "2", "2012-01-03", 0, 0, 3),
    ("12", "3", "2012-01-04", 0, 2, 0),
    ("13", "4", "2012-01-05", 1, 0, 0),
    ("14", "5", "2012-01-05", 0, 0, 0),
    ("15", "1", "2012-02-20", 0, 0, 0),
    ("16", "999", "2012-02-20", 0, 0, 0),
]


def table(path: Path, header: str, rows: list[tuple[object, ...]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(header.split(","))
        writer.writerows(rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tracts = [
        {"type": "Feature", "properties": {"unit_id": f"T{n}", "district": 1 + n // 2, "district_name": f"AREA {n // 2}"},
         "geometry": mapping(box(-87.66 + 0.02 * n, 41.84, -87.64 + 0.02 * n, 41.86))}
        for n in range(3)
    ]  # fmt: skip
    with gzip.open(tmp_path / source.TRACTS, "wt", encoding="utf-8") as out:
        json.dump({"type": "FeatureCollection", "features": tracts}, out)
    table(
        tmp_path / source.PREMISES, "license,dba_name,facility_type,risk,address,lat,lon",
        [(key, f"PREMISES {key}", kind, 1, "1 STREET", lat, lon) for key, kind, lat, lon in PREMISES],
    )  # fmt: skip
    table(
        tmp_path / source.INSPECTIONS, "inspection_id,license,date,result,critical,serious,minor",
        [(key, lic, day, "", c, s, m) for key, lic, day, c, s, m in INSPECTIONS],
    )  # fmt: skip
    return tmp_path


def test_every_row_is_a_visit_a_case_or_a_named_refusal(folder):
    out = StringIO()
    call_command("replay", str(folder), processes=1, stdout=out)
    said = out.getvalue()
    assert "监管对象：读入 5，登记 3，拒绝 2" in said
    assert "检查：读入 7 ＝ 巡查 4 ＋ 未能记录 3" in said
    assert "应立案检查 3，其中形成案件 2，结案 2" in said
    assert "进出数量核对一致" in said
    assert Site.objects.filter(county=COUNTY).count() == 3
    assert Visit.objects.filter(county=COUNTY).count() == 4
    cases = Case.objects.filter(county=COUNTY)
    assert {case.state for case in cases} == {"closed"}
    assert {case.kind for case in cases} == {"FOOD-CRITICAL", "FOOD-SERIOUS"}
    assert not TraceRow.objects.filter(county=COUNTY, sealed_in__isnull=True).exists()


def test_the_same_seed_closes_the_cases_at_the_same_moments(folder):
    call_command("replay", str(folder), processes=1, stdout=StringIO())
    closed = Case.objects.filter(county=COUNTY, kind="FOOD-SERIOUS").values_list("closed_at", flat=True)
    assert [moment.isoformat()[:16] for moment in closed] == [FIRST_CLOSE]


FIRST_CLOSE = "2012-01-14T12:40"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_processes_do_what_one_does(folder):
    out = StringIO()
    call_command("replay", str(folder), processes=2, stdout=out)
    assert "检查：读入 7 ＝ 巡查 4 ＋ 未能记录 3" in out.getvalue()
    assert "2 个进程" in out.getvalue()
    closed = Case.objects.filter(county=COUNTY, kind="FOOD-SERIOUS").values_list("closed_at", flat=True)
    assert [moment.isoformat()[:16] for moment in closed] == [FIRST_CLOSE]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_process_that_breaks_off_ends_the_replay(folder, monkeypatch):
    def killed(self: Replay, day: date, todays: list[Inspection]) -> None:
        if any(one.key == "12" for one in todays):
            os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(Replay, "_inspect", killed)
    with pytest.raises(CommandError, match="中断"):
        call_command("replay", str(folder), processes=2, stdout=StringIO())


def test_a_second_replay_into_the_same_database_is_refused(folder):
    call_command("replay", str(folder), processes=1, stdout=StringIO())
    with pytest.raises(CommandError, match="已有一次回放"):
        call_command("replay", str(folder), processes=1, stdout=StringIO())


def test_a_folder_that_lacks_a_file_is_named(tmp_path):
    with pytest.raises(CommandError, match="chicago_tracts2010"):
        call_command("replay", str(tmp_path), stdout=StringIO())
