"""Whoever chooses English reads English: headings, labels, buttons, columns. Names of places, people and sites stay."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import translation

from safegrid.foundation.web.words import translated

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools"))

from extract_messages import missing

HAN = re.compile(r"[\u4e00-\u9fff]")
CHROME = {"h1", "h2", "h3", "th", "label", "button", "dt", "legend", "summary", "small"}
CHROME_CLASSES = {"nav-link-title", "btn", "empty-title", "empty-subtitle", "badge", "form-check-label", "card-title"}
VOID = {"input", "br", "img", "meta", "link", "hr", "use", "path", "source"}


class Chrome(HTMLParser):
    """Collects the Chinese texts inside headings, labels, buttons and the like."""

    def __init__(self) -> None:
        super().__init__()
        self.inside: list[tuple[str, bool]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag not in VOID:
            is_chrome = tag in CHROME or bool(CHROME_CLASSES & set((given.get("class") or "").split()))
            self.inside.append((tag, is_chrome and not given.get("lang", "").startswith("zh")))
        for name in ("aria-label", "placeholder", "title", "data-label"):
            self._note(given.get(name) or "")

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if (
            self.inside
            and any(is_chrome for _, is_chrome in self.inside)
            and self.inside[-1][0] not in {"script", "option"}
        ):
            self._note(data)

    def _note(self, text: str) -> None:
        if HAN.search(text):
            self.found.append(text.strip())


def test_every_word_of_the_console_has_an_english_one():
    assert missing() == {}


@pytest.mark.parametrize(("written", "read"), [
    ("上报日期从", "Reported from"), ("复查：不合格", "Rechecks: Failed"), ("武康街道", "武康街道"), ("", ""), (3, 3),
])  # fmt: skip
def test_a_label_is_translated_and_a_name_stays(written, read):
    with translation.override("en"):
        assert translated(written) == read
    with translation.override("zh-hans"):
        assert translated(written) == written


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["lead_officer", "lead_chief", "town_officer", "leader", "grid_member", "system_admin"])
def test_pages_in_english_show_no_chinese_around_the_data(cast, who):
    user = getattr(cast, who)
    assert cast.site
    client = cast.client(user)
    left: dict[str, list[str]] = {}
    for address in addresses(client):
        page = client.get(address, headers={"accept-language": "en"}, follow=True)
        assert page.status_code == 200, address
        found = [words for words in chrome_of(page.content.decode()) if not is_data(words)]
        if found:
            left[address] = found
    assert left == {}


def addresses(client) -> list[str]:
    """The pages in the navigation and what their buttons open."""
    desk = client.get(reverse("desk"), headers={"accept-language": "en"}).content.decode()
    first = sorted(set(re.findall(r'<a class="nav-link" href="(/[^"?#]*)"', desk)))
    found = dict.fromkeys(first)
    for address in first:
        page = client.get(address, headers={"accept-language": "en"}, follow=True)
        if page.status_code == 200:
            found |= dict.fromkeys(
                re.findall(r'<a class="btn[^"]*" href="(/[^"#]*)"(?! download)', page.content.decode())
            )
    return [one.replace("&amp;", "&") for one in found if "export" not in one and "template" not in one]


def chrome_of(page: str) -> list[str]:
    parser = Chrome()
    parser.feed(page)
    return parser.found


def is_data(words: str) -> bool:
    """Names of the fixed cast."""
    return any(name in words for name in DATA)


DATA = ("德清", "武康街道", "应急管理局")


SCRIPTS = Path(__file__).resolve().parents[3] / "frontend/src"
SAID = re.compile(r'"((?:[^"\\]|\\.)*)"')
COMMENTS = re.compile(r"/\*.*?\*/|(?m:(?<![:\"'])//.*$)", re.S)


def test_every_word_of_the_scripts_has_an_english_one_and_passes_through_it():
    table = COMMENTS.sub("", (SCRIPTS / "words.ts").read_text("utf-8"))
    english = {words for words in SAID.findall(table) if HAN.search(words)}
    shown: set[str] = set()
    bare: dict[str, list[str]] = {}
    for script in sorted(SCRIPTS.rglob("*.ts")):
        if script.name == "words.ts":
            continue
        text = COMMENTS.sub("", script.read_text("utf-8"))
        through = set(re.findall(r'\btr\("((?:[^"\\]|\\.)*)"', text))
        shown |= through
        rest = re.sub(r'\btr\("(?:[^"\\]|\\.)*"', "", text)
        if left := re.findall(r".*[\u4e00-\u9fff].*", rest):
            bare[script.name] = left
    assert bare == {}
    assert shown == english
