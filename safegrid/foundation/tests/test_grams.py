from hypothesis import given
from hypothesis import strategies as st

from safegrid.foundation import grams

WORDS = st.text(alphabet="消防通道过期Aa１1 ", min_size=1, max_size=20)


@given(WORDS, WORDS, WORDS)
def test_a_text_has_all_the_keys_of_what_stands_in_it(before, words, after):
    text = grams.folded(before + words + after)
    assert set(grams.keys(grams.folded(words).split())) <= set(grams.keys([text]))


def test_case_and_full_width_make_no_difference():
    assert grams.folded("ＡＢ厂１号") == grams.folded("ab厂1号")


def test_one_character_has_no_key_and_spaces_divide():
    assert grams.keys(["消"]) == []
    assert grams.keys(["消 防"]) == []
    assert grams.keys(["消防"]) == grams.keys(["消防 消", "消防"])


def test_keys_fit_the_column():
    assert all(-(2**31) <= key < 2**31 for key in grams.keys(["消防通道被杂物堵塞，灭火器过期"]))


def test_common_pairs_are_left_out_only_where_a_rarer_one_remains(monkeypatch):
    monkeypatch.setattr(grams, "_shares", lambda table, column: {1: 0.9, 2: 0.3, 3: 0.01})
    monkeypatch.setattr(grams, "connection", type("Server", (), {"vendor": "postgresql"}))
    assert grams.telling("t", "c", [1, 2, 3, 4]) == [3, 4]
    assert grams.telling("t", "c", [1, 2]) == [1, 2]
