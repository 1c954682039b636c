"""What a query is read as, and that nothing in it can break the search."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studybuddy.catalog.folding import index_text
from studybuddy.search.query import parse


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("entropy", '"entropy" *'),
        ("entropy ", '"entropy"'),
        ("second law", '"second" AND "law" *'),
        ('"second law"', '"second law"'),
        ('"second la', '"second la" *'),
        ("“second law” heat ", '"second law" AND "heat"'),
        ("heat -engine ", '("heat") NOT ("engine")'),
        ('heat -"steam engine" -coal ', '("heat") NOT ("steam engine" OR "coal")'),
        ("therm* law ", '"therm" * AND "law"'),
        ("C++ it's x-ray ", '"c" AND "it s" AND "x ray"'),
        ("a", '"a"'),
        ("Größe ÉCOLE ", '"grosse" AND "ecole"'),
        ("量", '"量" *'),
        ("量子力学", '"量子 子力 力学"'),
        ("第3章 ", '"第 3 章" *'),
        ("민국 ", '"민국"'),
        ("law law ", '"law"'),
    ],
)
def test_a_query_is_read(text: str, match: str) -> None:
    assert parse(text).match == match


@pytest.mark.parametrize("text", ["", " ", '"', '""', "-", "-x", "*", "+++", "'", "\x00", "\ud800", "- -", '-"a b"'])
def test_a_query_without_a_word_asks_for_nothing(text: str) -> None:
    assert parse(text).wanted == ()


@given(st.text(max_size=40) | st.text(alphabet="aé量ガ🦊 \"'*-+()^:{}[].,\\\x00", max_size=30))
def test_every_query_can_be_asked(text: str) -> None:
    query = parse(text)
    if query.wanted:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute("CREATE VIRTUAL TABLE t USING fts5 (text, content = '')")
            connection.execute("SELECT rowid FROM t WHERE t MATCH ?", [query.match]).fetchall()


@given(st.text(alphabet="aBéß量子力ガ가나 3_-'.🦊", min_size=1, max_size=20), st.data())
def test_a_text_is_found_by_any_of_its_words_and_by_any_two_unspaced_characters(text: str, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(text) - 1))
    part = text[begin : begin + 2] if all(one in "量子力ガ가나🦊" for one in text[begin : begin + 2]) else text
    query = parse(f'"{part}" ')
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            """CREATE VIRTUAL TABLE t USING fts5 (
            text, content = '', tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co Cn'")"""
        )
        connection.execute("INSERT INTO t (rowid, text) VALUES (1, ?)", [index_text(text)])
        if query.wanted:
            assert connection.execute("SELECT rowid FROM t WHERE t MATCH ?", [query.match]).fetchall() == [(1,)]


@pytest.mark.parametrize("text", ["x" * 10_000, '"' * 9_999, "a " * 5_000, "-a " * 3_000, "量" * 10_000, "(" * 10_000])
def test_a_very_long_query_asks_for_a_bounded_number_of_words(text: str) -> None:
    assert len(parse(text).match) < 10_000
