"""Catalogues are compiled without GNU gettext."""

from __future__ import annotations

import gettext
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.compile_messages import compiled, main, read_catalogue

CATALOGUE = Path(__file__).parents[2] / "locale/en/LC_MESSAGES/django.po"
HEADER = {"": "Content-Type: text/plain; charset=UTF-8\n"}


@given(st.dictionaries(st.text(min_size=1).filter(lambda t: "\0" not in t), st.text(min_size=1)))
def test_what_is_compiled_is_what_gettext_reads(catalogue):
    catalogue = {k: v for k, v in catalogue.items() if "\0" not in v and "\x04" not in k}
    read = gettext.GNUTranslations(BytesIO(compiled({**HEADER, **catalogue})))
    assert {key: read.gettext(key) for key in catalogue} == catalogue


def test_texts_over_several_lines_fuzzy_ones_and_contexts():
    text = 'msgid ""\n"长"\n"文"\nmsgstr "long\\n"\n"text"\n\n#, fuzzy\nmsgid "甲"\nmsgstr "a"\n\n'
    text += 'msgctxt "c"\nmsgid "乙"\nmsgstr "b"\n'
    assert read_catalogue(text) == {"长文": "long\ntext", "c\x04乙": "b"}


@pytest.mark.parametrize(
    "text", ['msgid "a\n', 'msgid_plural "a"\n', 'msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"\n']
)
def test_a_broken_catalogue_is_refused(text):
    with pytest.raises(ValueError, match=r"line|twice"):
        read_catalogue(text)


def test_the_shipped_catalogue_compiles(tmp_path):
    folder = tmp_path / "en/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(CATALOGUE.read_text(encoding="utf-8"), encoding="utf-8")
    assert main(tmp_path) == 1
    read = gettext.GNUTranslations((folder / "django.mo").open("rb"))
    assert read.gettext("必填") == "required"
