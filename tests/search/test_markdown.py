"""Markdown without its marks."""

import time

import pytest

from studybuddy.search.markdown import without_marks


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("# Second law\n\n**Entropy** never *decreases*.", "Second law\n\nEntropy never decreases."),
        ("***both***, **bold with *more* in it**, __so__, _too_", "both, bold with more in it, so, too"),
        ('See [the book](http://a.example/x_y_z "title") and ![a picture](p.png)', "See the book and a picture"),
        ("- one\n* two\n+ [x] done", "• one\n• two\n• done"),
        ("> quoted\n>> twice", "quoted\ntwice"),
        ("use `a * b` or ``x`y``", "use a * b or x`y"),
        ("```python\nprint(1)\n```", "\nprint(1)\n"),
        ("a ~~wrong~~ word", "a wrong word"),
        ("Title\n=====\n\n---\n\n| a | b |\n|---|:-:|", "Title\n\n\n\n\n| a | b |\n"),
        (r"\*as it stands\*", "*as it stands*"),
    ],
)
def test_markdown_reads_without_its_marks(written: str, read: str) -> None:
    assert without_marks(written) == read


@pytest.mark.parametrize(
    "text",
    [
        "2 * 3 * 4 = 24", "snake_case_name and __init__", "#hashtag, no. #3", "a - b", "f(x)[0](1 + 2)", "-5 °C",
        r"$\eta = 1 - T_c/T_h$", "a > b", "5 * x", "x ** y", "~5 minutes",
    ],
)  # fmt: skip
def test_what_is_no_mark_stays(text: str) -> None:
    assert without_marks(text) in {text, text.replace("__init__", "init")}


def test_many_marks_without_a_partner_take_no_time() -> None:
    began = time.monotonic()
    for mark in ("*", "_x ", "`a", "~~a", "[", "[a](", "> ", "* ", "|-", "**a "):
        without_marks(mark * 20_000)
    assert time.monotonic() - began < 10
