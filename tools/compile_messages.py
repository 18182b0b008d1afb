"""Compile locale/*/LC_MESSAGES/*.po into the .mo files that Django reads, without GNU gettext (not on every machine).

    python tools/compile_messages.py [folder]

Understands what our catalogues use: msgid and msgstr, over several lines, comments, ``#, fuzzy`` (left out) and
``msgctxt``. Plural forms are refused: Chinese has none, and our words do without them. The file format is that of
https://www.gnu.org/software/gettext/manual/html_node/MO-Files.html.
"""

from __future__ import annotations

import ast
import struct
import sys
from pathlib import Path

MAGIC = 0x950412DE
CONTEXT_GLUE = "\x04"


def read_catalogue(text: str) -> dict[str, str]:
    """Return msgid → msgstr of every translated, not fuzzy entry; raise ``ValueError`` naming the line that is wrong."""
    found: dict[str, str] = {}
    for block in _blocks(text):
        if block.pop("fuzzy", "") or "msgid" not in block or not block.get("msgstr"):
            continue
        key = block["msgid"]
        if "msgctxt" in block:
            key = block["msgctxt"] + CONTEXT_GLUE + key
        if key in found:
            raise ValueError(f"msgid stands twice: {key!r}")
        found[key] = block["msgstr"]
    return found


def _blocks(text: str) -> list[dict[str, str]]:
    blocks: list[dict[str, str]] = [{}]
    part = ""
    for number, line in enumerate((*text.splitlines(), ""), 1):
        line = line.strip()
        word, _, rest = line.partition(" ")
        if not line:
            blocks.append({})
        elif line.startswith("#"):
            if line.startswith("#,") and "fuzzy" in line:
                blocks[-1]["fuzzy"] = "yes"
        elif word in {"msgid", "msgstr", "msgctxt"}:
            part = word
            blocks[-1][part] = _quoted(rest, number)
        elif line.startswith('"') and part in blocks[-1]:
            blocks[-1][part] += _quoted(line, number)
        else:
            raise ValueError(f"line {number}: not understood: {line}")
    return blocks


def _quoted(written: str, number: int) -> str:
    try:
        value = ast.literal_eval(written.strip())
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"line {number}: not a quoted string: {written}") from error
    if not isinstance(value, str):
        raise ValueError(f"line {number}: not a quoted string: {written}")
    return value


def compiled(catalogue: dict[str, str]) -> bytes:
    """Return the binary catalogue: header, two sorted tables of (length, offset), then the texts, each ended by NUL."""
    pairs = sorted((key.encode(), value.encode()) for key, value in catalogue.items())
    offset = 28 + 16 * len(pairs)
    tables, texts = [b"", b""], b""
    for column in (0, 1):
        for pair in pairs:
            tables[column] += struct.pack("<II", len(pair[column]), offset + len(texts))
            texts += pair[column] + b"\0"
    header = struct.pack("<7I", MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, offset)
    return header + tables[0] + tables[1] + texts


def main(folder: Path) -> int:
    """Compile every catalogue below ``folder``; return how many."""
    sources = sorted(folder.glob("*/LC_MESSAGES/*.po"))
    for source in sources:
        try:
            catalogue = read_catalogue(source.read_text(encoding="utf-8"))
        except ValueError as error:
            raise SystemExit(f"{source}: {error}") from error
        source.with_suffix(".mo").write_bytes(compiled(catalogue))
    return len(sources)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "locale")
