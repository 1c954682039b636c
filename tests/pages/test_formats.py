"""Texts of others stay text on every page."""

import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from pages.formats import line, lines, plain, shortened, without_pictures
from studybuddy.library import Library
from tests.pages.conftest import put
from tests.pages.shown import FORMULA, PICTURE, found, opened


@pytest.mark.parametrize("bad", [FORMULA, PICTURE, ":material/home:", "**b**", "[a](http://x.y)", "# h", "a -> b"])
def test_plain_leaves_nothing_for_markdown(bad: str) -> None:
    escaped = plain(bad)
    assert re.sub(r"\\(.)", r"\1", escaped).replace("\u2060", "") == bad
    assert not re.search(r"(?<!\\)[*_`$\[\]<>:#]", escaped)


def test_pictures_in_notes_become_links() -> None:
    assert "![" not in without_pictures("see ![x](https://example.com/x.png)")


def test_a_title_is_cut_by_what_it_takes_on_screen() -> None:
    assert shortened("Optics", width=6) == "Optics"
    assert shortened("Optics 2", width=6) == "Optics…"
    assert shortened("量子力学", width=6) == "量子力…"


def test_every_bad_name_is_shown_as_text(app: AppTest, library: Library) -> None:
    session = library.create_session(FORMULA, tags=[PICTURE], subject=FORMULA)
    for name in (FORMULA, PICTURE):
        put(library, session.id, name, b"text")
    opened(app, "session.py", id=str(session.id))
    shown = [element.value for kind in ("title", "markdown", "caption") for element in found(app, kind)]
    assert json.dumps(shown).count("href") >= 3
    assert not [text for text in shown if re.search(r"(?<!\\)[$<]", text)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one\ntwo", "one  \ntwo"),
        ("# no heading\n* no list", "\\# no heading  \n\\* no list"),
        ("so $\\eta = 1$ is", "so $\\eta = 1$ is"),
        ("it is $x$, $$y^2$$", "it is $x$\\, $$y^2$$"),
        ("costs $5 and $10, US$5-$10", "costs \\$5 and \\$10\\, US\\$5\\-\\$10"),
        ("if a:\n    b", "if a\\:  \n\u00a0\u00a0\u00a0\u00a0b"),
    ],
)
def test_lines_stay_lines_and_only_formulas_are_in_force(text: str, shown: str) -> None:
    assert lines(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("What is $x^2$?", "What is $x^2$\\?"),
        ("two\nlines *here*", "two lines \\*here\\*"),
        ("as long as a line is", "as long as a line i…"),
        ("a formula at its end $x^2$", "a formula at its en…"),
        ("a formula there $x^2$", "a formula there…"),
        ("$\\frac{1}{2} + \\frac{3}{4}$ is", "$\\frac{1}{2} + \\frac{3}{4}$…"),
        ("it costs $5 and $10", "it costs \\$5 and \\$10"),
    ],
)
def test_a_line_is_cut_and_no_formula_in_it(text: str, shown: str) -> None:
    assert line(text, width=19) == shown
