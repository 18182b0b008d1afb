"""The administrative tree: loading it, renaming, abolishing, its history."""

from __future__ import annotations

import gzip
import json
from datetime import date

import pytest

from safegrid.foundation.errors import InvalidInput, NotVisible
from safegrid.foundation.models import TraceRow
from safegrid.regions import selectors, services, sources
from safegrid.regions.services import Node

pytestmark = pytest.mark.django_db
NODES = [Node("33", "浙江省"), Node("3305", "湖州市"), Node("330521", "德清县"), Node("330521001", "武康街道"),
         Node("330521001001", "居仁社区"), Node("330521001002", "吉祥社区")]  # fmt: skip


@pytest.fixture(autouse=True)
def _forget():
    selectors.forget_names()


def test_the_tree_is_loaded_and_read_from_top_to_bottom():
    done = services.load_regions(NODES)
    assert (done.read, done.added, done.refused) == (6, 6, [])
    assert [one.name for one in selectors.children("330521001")] == ["居仁社区", "吉祥社区"]
    assert [one.code for one in selectors.children("")] == ["33"]
    assert selectors.full_name("330521001001") == "浙江省湖州市德清县武康街道居仁社区"
    assert selectors.codes_of_county(330521) == {"330521001", "330521001001", "330521001002"}
    with pytest.raises(NotVisible):
        selectors.region("44")
    with pytest.raises(ValueError, match="应为"):
        selectors.level_of("330")


def test_a_county_asked_for_before_it_was_loaded_is_known_after():
    assert selectors.codes_of_county(330521) == frozenset()
    services.load_regions(NODES)
    assert "330521001" in selectors.codes_of_county(330521)


def test_a_new_name_is_taken_and_the_old_one_kept_as_a_change():
    services.load_regions(NODES)
    assert selectors.name_of("330521001") == "武康街道"
    done = services.load_regions([Node("330521001", "武康新街道")], on=date(2026, 1, 1), source="公告")
    assert (done.renamed, done.added) == (1, 0)
    assert selectors.name_of("330521001") == "武康新街道"
    [change] = selectors.changes_of("330521001")
    assert (change.words, change.kind, change.changed_on) == ("武康街道 → 武康新街道", "更名", date(2026, 1, 1))


def test_codes_that_a_complete_source_lacks_are_abolished_not_deleted():
    services.load_regions(NODES)
    done = services.load_regions(NODES[:-1], complete=True, on=date(2026, 1, 1))
    assert done.abolished == 1
    gone = selectors.region("330521001002")
    assert gone.valid_to == date(2026, 1, 1)
    assert gone.code not in selectors.codes_of_county(330521)
    assert gone not in selectors.children("330521001")
    assert selectors.changes_of(gone.code)[0].kind == "撤销"


def test_an_abolished_code_is_not_abolished_again_and_comes_back_with_the_source():
    services.load_regions(NODES)
    services.load_regions(NODES[:-1], complete=True)
    assert services.load_regions(NODES[:-1], complete=True).abolished == 0
    services.load_regions(NODES, complete=True)
    assert selectors.region("330521001002").valid_to is None


def test_bad_rows_are_refused_by_number_and_the_rest_is_loaded():
    bad = [Node("330", "短"), Node("33x", "字母"), Node("44", " "), Node("33", "浙江省"), Node("33", "浙江省"),
           Node("330521", "没有上级的县")]  # fmt: skip
    done = services.load_regions(bad)
    assert done.added == 1
    assert [line.split("：")[1] for line in done.refused] == [
        "区划代码“330”应为 2、4、6、9 或 12 位", "代码必须全是数字", "没有名称", "代码重复", "上级 3305 不存在",
    ]  # fmt: skip
    assert TraceRow.objects.get(action="regions.load", county=100000).changes["refused"] == 5


def test_a_csv_of_either_encoding_with_full_codes_is_read(tmp_path):
    rows = "code,name\n330000000000,浙江省\n330500000000,湖州市\n330521000000,德清县\n"
    for number, data in enumerate([rows.encode("gb18030"), b"\xef\xbb\xbf" + rows.encode()]):
        path = tmp_path / f"{number}.csv"
        path.write_bytes(data)
        assert [node.code for node in sources.from_csv(path)] == ["33", "3305", "330521"]
    zipped = tmp_path / "z.csv.gz"
    zipped.write_bytes(gzip.compress(rows.encode()))
    assert next(iter(sources.from_csv(zipped))).name == "浙江省"


def test_a_csv_without_its_columns_or_in_no_encoding_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("代号,名字\n33,浙江省\n")
    with pytest.raises(InvalidInput, match="code 和 name"):
        list(sources.from_csv(path))
    path.write_bytes(b"code,name\n33,\xff\xff\xff\n")
    with pytest.raises(InvalidInput, match="编码"):
        list(sources.from_csv(path))
    with pytest.raises(InvalidInput, match=r"provinces\.csv"):
        list(sources.from_package(tmp_path))


def test_the_history_of_a_source_replaces_what_it_said_before(tmp_path):
    path = tmp_path / "changes.json"
    path.write_text(json.dumps({"events": [
        {"year": 1994, "type": "撤县设区", "old": {"code": "330521000000", "name": "旧县"},
         "new": {"code": "330502", "name": "新区"}},
        {"year": 1980, "type": "设立", "new": {"code": "330521", "name": "旧县"}},
    ]}))  # fmt: skip
    for _ in range(2):
        assert services.load_changes(sources.changes_from_json(path), source="历史") == 2
    assert [change.changed_on.year for change in selectors.changes_of("330521")] == [1980, 1994]
    assert selectors.changes_of("330502")[0].words == "旧县 → 新区"
