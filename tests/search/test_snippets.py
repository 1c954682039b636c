"""The piece of a text that is shown, and what is marked in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studybuddy.search.query import parse
from studybuddy.search.snippets import marked, snippet
from tests.search.conftest import marked as written


@pytest.mark.parametrize(
    ("query", "text", "shown"),
    [
        ("grosse", "die Größe, GROSSE Größen", "die [Größe], [GROSSE] [Größen]"),
        ("grosse ", "die Größe, GROSSE Größen", "die [Größe], [GROSSE] Größen"),
        ("ecole", "l'e\u0301cole E\u0301COLE", "l'[e\u0301cole] [E\u0301COLE]"),
        ("cafe ", "Cafe\u0301 1", "[Cafe\u0301] 1"),
        ("finite", "a ﬁnite sum", "a [ﬁnite] sum"),
        ('"second law"', "the second, second\nlaw", "the second, [second law]"),
        ("law -heat ", "law and heat, outlaw", "[law] and heat, outlaw"),
        ("力学", "量子力学入門", "量子[力学]入門"),
        ("第3章", "第 3 章です", "[第 3 章]です"),
        ("ガス", "カス ｶﾞｽ ガス", "カス [ｶﾞｽ] [ガス]"),
        ("🦊", "a 🦊 b", "a [🦊] b"),
        ("snake_case", "a snake_case b", "a [snake_case] b"),
        ("<b>", "a <b>bold</b>", "a <[b]>bold</[b]>"),
    ],
)
def test_what_was_asked_for_is_marked_as_it_is_written(query: str, text: str, shown: str) -> None:
    assert written(marked(text, parse(query).wanted)) == shown


def test_the_part_with_most_of_the_words_is_shown() -> None:
    text = f"heat {'and so on ' * 100} the heat of the engine {'and so on ' * 100}"
    shown = written(snippet(text, parse("engine heat ").wanted).pieces)
    assert "[heat] of the [engine]" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) < 300


def test_a_text_without_the_words_is_shown_from_its_beginning() -> None:
    found = snippet("nothing of it " * 50, parse("heat").wanted)
    assert found.at is None
    assert written(found.pieces).startswith("nothing of it")


def test_a_long_text_is_looked_through_in_no_time() -> None:
    found = snippet("é and so on " * 50_000 + "heat", parse("heat").wanted)
    assert found.at == 600_000


@given(
    st.text(alphabet="abé ßﬁe\u0301量子ガ가🦊İ.", max_size=30),
    st.text(alphabet="abéß量子ガ가🦊i ", min_size=1, max_size=3),
)
def test_no_character_is_lost_or_moved_by_marking(text: str, query: str) -> None:
    terms = parse(query).wanted
    if terms:
        pieces = marked(text, terms)
        assert "".join(piece.text for piece in pieces) == " ".join(text.split(" ")) or "  " in text
