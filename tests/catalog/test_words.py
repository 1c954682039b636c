"""What texts are found by and sorted by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studybuddy.catalog.words import MAX_WORDS, sort_key, wanted_words, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Lecture-07_final.PDF", ("lecture", "07", "final", "pdf")),
        ("Größe Übung É", ("grosse", "ubung", "e")),
        ("it's C++", ("it", "s", "c")),
        ("量子力学", ("量子", "子力", "力学", "学")),
        ("第3章", ("第", "3", "章")),
        ("exam 🎓", ("exam", "🎓")),
        ("a a A", ("a",)),
        ("\"' -- (*", ()),
        ("\ud800\x00", ()),
    ],
)
def test_a_text_gives_its_folded_words(text: str, found: tuple[str, ...]) -> None:
    assert words(text) == found


def test_a_very_long_text_gives_a_bounded_number_of_words() -> None:
    assert len(words(" ".join(f"w{number}" for number in range(10_000)))) == MAX_WORDS


def test_a_query_asks_for_no_word_that_another_one_implies() -> None:
    assert wanted_words("lec lecture lecture l 7") == ("lecture", "7")


@given(st.text(max_size=60), st.data())
def test_a_text_is_found_by_the_start_of_each_of_its_words(text: str, data: st.DataObject) -> None:
    for word in words(text):
        start = word[: data.draw(st.integers(1, len(word)))]
        for asked in wanted_words(start):
            assert any(found.startswith(asked) for found in words(text))


@given(st.text(alphabet="量子力学a 3é", max_size=12), st.data())
def test_a_text_is_found_by_any_part_of_it_that_is_unspaced(text: str, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(text)))
    part = text[begin : begin + data.draw(st.integers(0, 4))]
    if all(character in "量子力学" for character in part):
        assert all(any(word.startswith(asked) for word in words(text)) for asked in wanted_words(part))


def test_texts_are_sorted_as_people_do() -> None:
    assert sorted(["Week 10", "week 2", "Zoo", "Économie", "Week 1"], key=sort_key) == [
        "Économie",
        "Week 1",
        "week 2",
        "Week 10",
        "Zoo",
    ]


@given(st.text())
def test_any_text_has_a_sort_key_that_can_be_stored(text: str) -> None:
    if text.isprintable():
        sort_key(text).encode()
