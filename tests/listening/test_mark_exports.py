"""Notes for other programs: nothing in them is run by a spreadsheet or taken for Markdown."""

import csv
import io

import pytest

from studybuddy.catalog.marks import MarkKind, Told
from studybuddy.listening import mark_exports


def told(text: str, *, at_ms: int = 754_000, kind: MarkKind = "note", recording: str = "Unit 3") -> Told:
    return Told(kind, at_ms, text, "2026-09-25T10:00:00.000000Z", 5, recording, "2026-02-03", "Heat")


def written(*marks: Told, form: mark_exports.Form = "markdown", site: str = "") -> str:
    stream = io.StringIO(newline="")
    assert mark_exports.write(marks, stream, form, site=site) == len(marks)
    return stream.getvalue()


def rows(*marks: Told, site: str = "") -> list[list[str]]:
    return list(csv.reader(io.StringIO(written(*marks, form="csv", site=site).removeprefix("\ufeff"), newline="")))


def test_markdown_has_a_heading_for_each_recording_and_a_line_for_each_moment() -> None:
    text = written(
        told("entropy\n\ngrows"), told("", kind="bookmark", at_ms=3_909_000), told("next", recording="Unit 4", at_ms=0)
    )
    assert text == (
        "# Unit 3\n\nHeat, recorded on 2026-02-03\n\n- **12:34** entropy\n\n  grows\n- **1:05:09** Bookmark\n"
        "\n# Unit 4\n\nHeat, recorded on 2026-02-03\n\n- **0:00** next\n"
    )


def test_each_moment_is_a_link_when_the_site_is_known() -> None:
    assert "- [12:34](http://localhost:8501/view?file=5&t=754) a" in written(told("a"), site="http://localhost:8501/")
    assert rows(told("a"), site="http://here")[1][-1] == "http://here/view?file=5&t=754"


@pytest.mark.parametrize(
    ("line", "safe"),
    [
        ("# no heading", "\\# no heading"), ("- no item", "\\- no item"), ("1. no item", "1\\. no item"),
        ("<script>", "\\<script\\>"), ("a*b_c`d`", "a\\*b\\_c\\`d\\`"), ("![x](y)", "\\!\\[x\\](y)"),
        ("$x^2$ & co", "\\$x^2\\$ \\& co"), ("    indented", "indented"), ("---", "\\---"), ("2 + 2 = 4", "2 + 2 = 4"),
    ],
)  # fmt: skip
def test_markdown_shows_a_line_as_it_was_typed(line: str, safe: str) -> None:
    assert mark_exports.escaped(line) == safe


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0", "＝1", "\r\n=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    one = rows(told(text, recording=text))[1]
    assert (one[1], one[6]) == (f"'{text}", f"'{text}")


def test_csv_keeps_lines_quotes_and_every_alphabet() -> None:
    text = 'He said "熱", then\na second line; done, really'
    head, one = rows(told(text))
    assert dict(zip(head, one, strict=True)) == {
        "session": "Heat", "recording": "Unit 3", "recorded_on": "2026-02-03", "at": "12:34", "seconds": "754",
        "kind": "note", "text": text, "link": "",
    }  # fmt: skip
