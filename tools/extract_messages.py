"""Collect every Chinese word that console pages show, and say which have no English in a catalogue.

    python tools/extract_messages.py [--all]

Prints the msgids without translation in ``locale/en`` (with ``--all``: every msgid), one JSON string a line; ends with 1
where some are missing. Read are templates (``translate``, ``blocktranslate``, ``_("…")``) and, in Python, what labels of
pages are made of: labels of choices, fields, columns, filters, navigation, states, verbs, titles. Left out are tests, migrations,
docstrings, shipped content and the sentences of errors, which stay Chinese.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HAN = re.compile(r"[\u4e00-\u9fff]")
LITERAL = re.compile(r"""\{%\s*(?:translate|trans)\s+("[^"]*"|'[^']*')""")
MARKED = re.compile(r"""_\(("[^"]*"|'[^']*')\)""")
BLOCK = re.compile(r"\{%\s*blocktrans(?:late)?\b.*?%\}(.*?)\{%\s*(?:plural|endblocktrans(?:late)?)\s*%\}", re.S)
COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}", re.S)
HOLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
SKIPPED = {"words.py", "tests", "migrations", "content", "management", "testing.py", "imports", "demo"}
# Python files whose words reach pages.
PAGES = re.compile(
    r"/(web|web\.py|workflow\.py|fields\.py|fields|models\.py|models|desk\.py|context\.py|labels\.py|kinds\.py|parameters\.py|onemap|"
    r"registers|layers\.py|map\.py|views\.py|sheets|sheets\.py|selectors|selectors\.py|figures\.py|figures|roles\.py|access\.py|"
    r"timeline\.py|shown\.py|states\.py|measures\.py|indices\.py|handling\.py|forms\.py|filters\.py|listing\.py|bulk\.py|"
    r"arranging\.py|pages\.py|console\.py|wiring\.py|parts\.py|places\.py|periods\.py|apps\.py|import_page\.py|record\.py|"
    r"hooks\.py|history\.py|events\.py|ground\.py|datum\.py|gates\.py|wording\.py|choices\.py|firing\.py|runs\.py|errors\.py)(/|$)"
)
ERRORS = re.compile(
    r"(Error|InvalidInput|Refused|WrongState|Conflict|NotPermitted|NotVisible|Http404|UnreadableError|RegexValidator)$"
)


def of_templates(text: str) -> set[str]:
    """Return the msgids that a template marks for translation."""
    text = COMMENT.sub("", text)
    found = {ast.literal_eval(one) for one in (*LITERAL.findall(text), *MARKED.findall(text))}
    return found | {HOLE.sub(r"%(\1)s", block) for block in BLOCK.findall(text)}


def of_python(text: str) -> set[str]:
    """Return the Chinese texts of a module, without docstrings, errors, pieces of f-strings."""
    return set(_texts(ast.parse(text)))


def _is_label(text: str) -> bool:
    # Neither patterns nor the single characters that code looks for.
    return bool(HAN.search(text)) and not text.endswith("$") and text not in {"一", "鿿"}


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (ast.Raise, ast.JoinedStr)) or (isinstance(node, ast.Call) and ERRORS.search(_name(node.func))):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if _is_label(node.value):
            yield node.value
        return
    for child in ast.iter_child_nodes(node):
        yield from _texts(child)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def extracted(root: Path = ROOT) -> dict[str, str]:
    """Return msgid → the first file that shows it, in the order of files."""
    found: dict[str, str] = {}
    for path in sorted((root / "safegrid").rglob("*")):
        name = path.relative_to(root).as_posix()
        if SKIPPED & set(path.parts):
            continue
        if path.suffix == ".html":
            words = of_templates(path.read_text(encoding="utf-8"))
        elif path.suffix == ".py" and PAGES.search(name):
            words = of_python(path.read_text(encoding="utf-8"))
        else:
            continue
        for word in sorted(words):
            if HAN.search(word):
                found.setdefault(word, name)
    return found


def missing(root: Path = ROOT) -> dict[str, str]:
    """Return the msgids without English."""
    from compile_messages import read_catalogue

    known = read_catalogue((root / "locale/en/LC_MESSAGES/django.po").read_text(encoding="utf-8"))
    return {word: where for word, where in extracted(root).items() if not known.get(word)}


if __name__ == "__main__":
    words = extracted() if "--all" in sys.argv else missing()
    for word, where in words.items():
        print(f"{json.dumps(word, ensure_ascii=False)}\t{where}")
    raise SystemExit(1 if words and "--all" not in sys.argv else 0)
