"""留痕导出文件独立校验程序 / Independent check of a trace export. Needs Python 3.9 or later and nothing else.

    python verify_trace_export.py trace.jsonl [--head 12:5f0c…] [--bundled-sm3]

Exit status 0: everything agrees. 1: something was altered, removed, inserted, reordered or is missing; each finding is
printed with its batch and row. The file alone cannot show that a whole chain was made anew, or cut off and given a new
end: for that, note heads from time to time elsewhere (on paper, with an auditor) and give them with --head SEQ:HEX.

The format safegrid-trace/1: JSON Lines in UTF-8; hashes in lower-case hex.

    {"format": "safegrid-trace/1", "county": 330102, "exported_at": "…", "after": {"seq": 11, "head": "…"}}
        "after" only where the export does not begin with batch 1: the last batch left out.
    {"batch": {"seq": 12, "size": 2, "root": "…", "prev_head": "…", "head": "…", "sealed_at": "…",
               "leaves": [["<row id>", "<row hash>"], …]}}
        leaves in tree order, which is ascending by row id; then as many row lines, in the same order:
    {"row": {"id": "…", "county": 330102, "at": "…", …}}
    {"unsealed": {"id": "…", …, "hash": "…"}}
        after the last batch: rows no batch holds yet, with their own hash.
    {"end": {"batches": 1, "rows": 2, "unsealed": 1, "head": "…"}}
        the last line: what the file holds, and the head of the last batch.

The rules, with H = SM3 (GB/T 32905-2016) and C = canonical JSON (keys sorted by code point, no white space, no escapes
for letters, whole floats as integers; moments are text, UTC, "2024-05-06T02:30:00.000000Z"):

    row hash  = H(0x00 || C(row without "hash"))        a leaf of the tree
    node      = H(0x01 || left || right)                the tree has the shape of RFC 6962, 2.1
    head      = H(0x02 || C({county, prev_head, root, sealed_at, seq, size}))
    prev_head = head of the batch before (seq - 1); 64 zeros for batch 1
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

FORMAT = "safegrid-trace/1"
GENESIS = "0" * 64
KINDS = {
    "ALTERED": "内容被改",
    "REMOVED": "被删除",
    "INSERTED": "被插入",
    "REORDERED": "顺序被改",
    "BATCH": "批次被改",
    "CHAIN": "链断开",
    "FILE": "文件有误",
}
Leaf = tuple[str, str]  # row id, row hash
MASK = 0xFFFFFFFF


# SM3


def rotate(x: int, n: int) -> int:
    n %= 32
    return ((x << n) | (x >> (32 - n))) & MASK


def compress(state: list[int], block: bytes) -> list[int]:
    w = [int.from_bytes(block[i : i + 4], "big") for i in range(0, 64, 4)]
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ rotate(w[j - 3], 15)
        w.append(x ^ rotate(x, 15) ^ rotate(x, 23) ^ rotate(w[j - 13], 7) ^ w[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        early = j < 16
        ss1 = rotate((rotate(a, 12) + e + rotate(0x79CC4519 if early else 0x7A879D8A, j)) & MASK, 7)
        ff = a ^ b ^ c if early else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if early else (e & f) | (~e & MASK & g)
        tt1 = (ff + d + (ss1 ^ rotate(a, 12)) + (w[j] ^ w[j + 4])) & MASK
        tt2 = (gg + h + ss1 + w[j]) & MASK
        d, c, b, a = c, rotate(b, 9), a, tt1
        h, g, f, e = g, rotate(f, 19), e, tt2 ^ rotate(tt2, 9) ^ rotate(tt2, 17)
    return [x ^ y for x, y in zip(state, (a, b, c, d, e, f, g, h))]  # noqa: B905 - strict= needs Python 3.10


def bundled_sm3(data: bytes) -> bytes:
    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    data += b"\x80" + bytes((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    for start in range(0, len(data), 64):
        state = compress(state, data[start : start + 64])
    return b"".join(x.to_bytes(4, "big") for x in state)


def openssl_sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


VECTORS = {  # GB/T 32905-2016, annex A
    b"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
    b"abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
}


def is_sm3(function: Callable[[bytes], bytes]) -> bool:
    try:
        return all(function(data).hex() == digest for data, digest in VECTORS.items())
    except ValueError:  # this OpenSSL was built without SM3
        return False


# The rules of hashing


def canonical(value: Any) -> bytes:
    return json.dumps(whole(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def whole(value: Any) -> Any:
    """The value with whole floats as integers."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    return [whole(item) for item in value] if isinstance(value, list) else value


def root_of(leaves: Iterable[Leaf], sm3: Callable[[bytes], bytes]) -> str:
    level = [bytes.fromhex(row_hash) for _, row_hash in leaves] or [sm3(b"")]
    while len(level) > 1:
        above = [sm3(b"\x01" + level[i] + level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = above + level[2 * len(above) :]
    return level[0].hex()


# Reading


class BadFileError(Exception):
    """The text is not of the format."""


def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):  # readers disagree on which of two equal keys counts: a place to hide something
        raise BadFileError("同一对象中有重复的键 / the same key twice in one object")
    return found


def no_constant(name: str) -> None:
    raise BadFileError(f"{name} 不是 JSON / is not JSON")


def parse(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line, object_pairs_hook=object_of, parse_constant=no_constant)
        canonical(found)  # refuses lone surrogates and numbers beyond floating point
    except (ValueError, OverflowError, RecursionError) as error:
        raise BadFileError(f"不是完整的 JSON / not whole JSON: {error}") from None
    if not isinstance(found, dict):
        raise BadFileError("每行应为一个对象 / every line must be an object")
    return found


def is_hex(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def take(data: Any, **types: type) -> list[Any]:
    """The named items of an object, each checked for its type; hex items are marked by `bytes`."""
    if not isinstance(data, dict):
        raise BadFileError("应为对象 / an object is expected here")
    for name, kind in types.items():
        value = data.get(name)
        if not (is_hex(value) if kind is bytes else type(value) is kind):
            raise BadFileError(f"“{name}”缺失或类型不对 / is missing or of a wrong type: {value!r}")
    return [data[name] for name in types]


def misplaced(items: list[Any]) -> list[int]:
    """Indices outside a longest ascending run: the fewest items whose moving would explain the order."""
    # Of the best runs so far: their last items and the indices of these; of every item, its predecessor.
    tails, ends, before = list[Any](), list[int](), list[int]()
    for index, item in enumerate(items):
        place = bisect_left(tails, item)
        tails[place : place + 1] = [item]
        ends[place : place + 1] = [index]
        before.append(ends[place - 1] if place else -1)
    kept, index = set(), ends[-1] if ends else -1
    while index >= 0:
        kept.add(index)
        index = before[index]
    return [index for index in range(len(items)) if index not in kept]


# Checking


class Checker:
    """Goes through the file once, holding one batch at a time."""

    def __init__(self, sm3: Callable[[bytes], bytes], expected_heads: dict[int, str]) -> None:
        self.sm3 = sm3
        self.expected_heads = dict(expected_heads)
        self.findings = 0
        self.county = 0
        self.first_seq = 1
        self.seq = 0
        self.head = GENESIS
        self.batch: dict[str, Any] | None = None
        self.rows: list[Leaf] = []
        self.counts: Counter[str] = Counter()
        self.ended = False

    def report(self, kind: str, where: str, what: str) -> None:
        self.findings += 1
        print(f"[{KINDS[kind]} {kind}] {where}: {what}")

    def row_hash(self, row: Any) -> Leaf:
        row_id, county = take(row, id=str, county=int)
        if county != self.county:
            self.report("INSERTED", f"行 row {row_id}", f"属于其他县 belongs to another county, {county}")
        covered = {key: value for key, value in row.items() if key != "hash"}
        computed = self.sm3(b"\x00" + canonical(covered)).hex()
        if "hash" in row and row["hash"] != computed:
            self.report("ALTERED", f"行 row {row_id}", "内容与自身的哈希不符 does not match its own hash")
        return row_id, computed

    def line(self, data: dict[str, Any]) -> None:
        if not self.county:
            self.header(data)
        elif self.ended:
            raise BadFileError("结束行之后还有内容 / something follows the end line")
        elif list(data) == ["batch"]:
            self.close_batch()
            self.open_batch(data["batch"])
        elif list(data) == ["row"]:
            self.rows.append(self.row_hash(data["row"]))
            self.counts["rows"] += 1
            if self.batch is None:
                self.report("INSERTED", f"行 row {self.rows[-1][0]}", "不属于任何批次 belongs to no batch")
        elif list(data) == ["unsealed"]:
            self.close_batch()
            take(data["unsealed"], hash=bytes)
            self.row_hash(data["unsealed"])
            self.counts["unsealed"] += 1
        elif list(data) == ["end"]:
            self.close_batch()
            self.end(data["end"])
        else:
            raise BadFileError(f"不认识的行 / unknown kind of line: {sorted(data)}")

    def header(self, data: dict[str, Any]) -> None:
        if data.get("format") != FORMAT:
            raise BadFileError(f"首行应为 {FORMAT} 的文件头 / the first line must be the header of {FORMAT}")
        (self.county, _) = take(data, county=int, exported_at=str)
        if "after" in data:
            self.seq, self.head = take(data["after"], seq=int, head=bytes)
            self.first_seq = self.seq + 1
            self.check_expected(self.seq, self.head)
            print(f"不含批次 does not hold batches 1-{self.seq}")

    def open_batch(self, batch: Any) -> None:
        names = {"prev_head": bytes, "root": bytes, "sealed_at": str, "seq": int, "size": int}
        prev_head, root, sealed_at, seq, size = take(batch, **names)
        stated, leaves = take(batch, head=bytes, leaves=list)
        for leaf in leaves:
            pair = isinstance(leaf, list) and len(leaf) == 2
            take(dict(zip(("id", "hash"), leaf)) if pair else leaf, id=str, hash=bytes)  # noqa: B905
        where = f"批次 batch {seq}"
        if seq <= self.seq:
            self.report("CHAIN", where, f"分叉或倒退，前一批次是 a fork or a step back, after batch {self.seq}")
        elif seq > self.seq + 1:
            self.report("CHAIN", where, f"缺少批次 missing batches {self.seq + 1}-{seq - 1}")
        elif prev_head != self.head:
            self.report("CHAIN", where, f"不接在批次后 does not continue batch {self.seq}")
        fields = {"county": self.county, "prev_head": prev_head, "root": root, "sealed_at": sealed_at}
        if self.sm3(b"\x02" + canonical({**fields, "seq": seq, "size": size})).hex() != stated:
            self.report("BATCH", where, "链头与批次内容不符 its head does not match its fields")
        self.check_expected(seq, stated)
        self.seq, self.head, self.batch, self.rows = seq, stated, batch, []
        self.counts["batches"] += 1

    def check_expected(self, seq: int, stated: str) -> None:
        if (expected := self.expected_heads.pop(seq, stated)) != stated:
            self.report("CHAIN", f"批次 batch {seq}", f"链头应为 its head should be {expected}")

    def close_batch(self) -> None:
        if self.batch is None:
            return
        where = f"批次 batch {self.batch['seq']}"
        self.compare_rows(where, self.batch["leaves"])
        self.compare_leaves(where, self.batch["leaves"], self.batch["size"], self.batch["root"])
        self.batch, self.rows = None, []

    def compare_rows(self, where: str, leaves: list[Leaf]) -> None:
        """The rows as they stand in the file against the leaves the batch was sealed with."""
        position = {row_id: index for index, (row_id, _) in enumerate(leaves)}
        seen: dict[str, str] = {}
        for row_id, computed in self.rows:
            if row_id not in position or row_id in seen:
                self.report("INSERTED", f"{where}, 行 row {row_id}", "不在封存时的清单中 was not there when sealed")
                continue
            seen[row_id] = computed
            if computed != leaves[position[row_id]][1]:
                self.report("ALTERED", f"{where}, 行 row {row_id}", "内容与封存时不同 differs from what was sealed")
        for row_id, _ in leaves:
            if row_id not in seen:
                self.report("REMOVED", f"{where}, 行 row {row_id}", "封存过的行不见了 was sealed and is gone")
        order = list(seen)
        for index in misplaced([position[row_id] for row_id in order]):
            self.report("REORDERED", f"{where}, 行 row {order[index]}", "不在封存时的位置 is not where it was sealed")

    def compare_leaves(self, where: str, leaves: list[Leaf], size: int, root: str) -> None:
        """The list of leaves against the size and the root that the head vouches for."""
        for index in misplaced([row_id for row_id, _ in leaves]):
            what = "在封存清单中的位置不对 is out of order in the list of leaves"
            self.report("REORDERED", f"{where}, 行 row {leaves[index][0]}", what)
        if len(leaves) == size and root_of(leaves, self.sm3) == root:
            return
        extra = len(leaves) - size
        if extra == 1 and len(leaves) <= 300:  # on larger batches, trying every leaf would take too long
            for index, (row_id, _) in enumerate(leaves):
                if root_of(leaves[:index] + leaves[index + 1 :], self.sm3) == root:
                    what = "连同封存清单一起被插入 was inserted together with its leaf"
                    self.report("INSERTED", f"{where}, 行 row {row_id}", what)
                    return
        if extra < 0:
            self.report("REMOVED", where, f"封存清单少了 its list of leaves lacks {-extra} 行 row(s)")
        elif extra > 0:
            self.report("INSERTED", where, f"封存清单多了 its list of leaves has {extra} 行 row(s) too many")
        elif root_of(sorted(leaves), self.sm3) == root:
            self.report("BATCH", where, "只是清单的顺序被改 only the order of its leaves was changed")
        else:
            self.report("BATCH", where, "树根不符，有行连同清单一起被改 root mismatch: a row and its leaf were altered")

    def end(self, data: Any) -> None:
        batches, rows, unsealed, head = take(data, batches=int, rows=int, unsealed=int, head=bytes)
        for name, number in (("batches", batches), ("rows", rows), ("unsealed", unsealed)):
            if number != self.counts[name]:
                self.report("FILE", name, f"结束行记 the end line says {number}, 实有 found {self.counts[name]}")
        if head != self.head:
            self.report("CHAIN", "结束行 end line", f"链头与最后批次不符 its head is not that of batch {self.seq}")
        self.ended = True

    def finish(self) -> None:
        self.close_batch()
        if not self.ended:
            self.report("FILE", "文件末尾 end of file", "没有结束行，文件不完整 no end line: the file is cut off")
        for seq in self.expected_heads:
            self.report("CHAIN", f"批次 batch {seq}", "应有而没有 is expected and is not there")


def check_file(checker: Checker, lines: Iterable[bytes]) -> None:
    number = 0
    try:
        for number, line in enumerate(lines, 1):
            checker.line(parse(line.decode("utf-8-sig")))
            if number % 1_000 == 0 and sys.stderr.isatty():
                print(f"\r… {number:,} 行 lines", end="", file=sys.stderr)
    except (BadFileError, UnicodeDecodeError) as error:
        checker.report("FILE", f"第{number}行 line {number}", f"{error}；校验到此为止 the check stops here")
        checker.batch, checker.ended = None, True  # one finding for one fault
    checker.finish()


def expected_head(text: str) -> tuple[int, str]:
    seq, _, head = text.partition(":")
    if not (seq.isdecimal() and is_hex(head)):
        raise argparse.ArgumentTypeError("SEQ:HEX")
    return int(seq), head


def main() -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")  # a Windows console or a C locale would fail on Chinese
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file", help="导出文件 the export; - 为标准输入 is standard input")
    parser.add_argument("--head", type=expected_head, action="append", default=[], metavar="SEQ:HEX", help="已知链头")
    parser.add_argument("--bundled-sm3", action="store_true", help="不用 OpenSSL 的 SM3 / do not use OpenSSL's SM3")
    options = parser.parse_args()
    sm3 = openssl_sm3 if not options.bundled_sm3 and is_sm3(openssl_sm3) else bundled_sm3
    if not is_sm3(sm3):
        raise SystemExit("SM3 自检失败 / the SM3 self-test failed")
    checker = Checker(sm3, dict(options.head))
    try:
        with sys.stdin.buffer if options.file == "-" else Path(options.file).open("rb") as lines:
            check_file(checker, lines)
    except OSError as error:
        checker.report("FILE", options.file, f"无法读取 cannot be read: {error.strerror}")
    counts = checker.counts
    print(
        f"县 county {checker.county}: 批次 batches {checker.first_seq}-{checker.seq} ({counts['batches']}), "
        f"已封存 sealed rows {counts['rows']}, 未封存 not yet sealed {counts['unsealed']}, 链头 head {checker.head}"
    )
    print(f"发现问题 findings: {checker.findings}" if checker.findings else "校验通过 verified")
    return 1 if checker.findings else 0


if __name__ == "__main__":
    sys.exit(main())
