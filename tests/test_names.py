from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from studybuddy.errors import InvalidInputError
from studybuddy.names import MAX_NAME_BYTES, clean_name, content_disposition, safe_name, shown_name

NASTY = [
    "../../etc/passwd",
    "/etc/cron.d/x",
    "....//....//x",
    "..",
    ".",
    "notes\u202efdp.exe",
    "CON.pdf",
    "a" * 1021 + ".pdf",
    "\U0001f4da" * 64 + ".pdf",
    "a/b//c/./d.pdf",
    "<img src=x onerror=alert(1)>.pdf",
    r"$\href{javascript:alert(1)}{x}$",
    "a.pdf.html",
    'quote"and\\slash.pdf',
    "line\r\nSet-Cookie: x=1.pdf",
    "naïve – résumé 数学.pdf",
    "100%.pdf",
]


@pytest.mark.parametrize("name", [name for name in NASTY if len(name.encode()) <= MAX_NAME_BYTES])
def test_a_name_is_kept_as_given(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize("name", ["", " ", "\t\n", "\u3000"])
def test_no_name_is_untitled(name: str) -> None:
    assert clean_name(name) == "untitled"
    assert shown_name(name) == "untitled"


def test_a_nul_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="NUL"):
        clean_name("a\x00.pdf")


def test_a_long_name_is_cut_and_keeps_its_extension() -> None:
    assert clean_name("a" * 1021 + ".pdf") == "a" * 251 + ".pdf"


def test_a_long_name_is_cut_between_characters() -> None:
    name = clean_name("\U0001f4da" * 64 + ".pdf")
    assert name == "\U0001f4da" * 62 + ".pdf"


def test_what_looks_like_an_extension_but_is_too_long_is_cut_too() -> None:
    assert clean_name("a." + "b" * 300) == "a." + "b" * 253


def test_half_a_character_becomes_a_question_mark() -> None:
    assert clean_name("a\udcff.pdf") == "a?.pdf"


def test_marks_that_turn_the_reading_direction_are_not_shown() -> None:
    assert shown_name("notes\u202efdp.exe") == "notesfdp.exe"
    assert shown_name("\u2066a\u2069\u200e\u200f\u061c\u2028b") == "ab"
    assert shown_name("\u202e \u202c") == "untitled"


def test_letters_that_need_their_joiner_keep_it() -> None:
    family = "👩\u200d🎓.pdf"
    assert shown_name(family) == family


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("CON.pdf", "_CON.pdf"),
        ("con", "_con"),
        ("nul .txt", "_nul .txt"),
        ("COM¹.txt", "_COM¹.txt"),
        ("console.pdf", "console.pdf"),
        ("..", "_"),
        ("a/b\\c:d.pdf", "a_b_c_d.pdf"),
        ("trailing. ", "trailing"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        (".bashrc", ".bashrc"),
        ("." * 300 + "x" * 30, "_"),
    ],
)
def test_a_name_for_the_disk_is_one_that_every_system_takes(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_the_same_letters_written_two_ways_make_one_file_name() -> None:
    assert safe_name("e\u0301.pdf") == safe_name("\u00e9.pdf")


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("attachment", [True, False])
def test_a_name_comes_back_from_its_header(name: str, attachment: bool) -> None:
    header = content_disposition(name, attachment=attachment)
    kind, plain, extended = header.split("; ")
    assert kind == ("attachment" if attachment else "inline")
    assert plain.startswith('filename="') and plain.endswith('"')
    assert not set(plain[10:-1]) & set('"\\/%\r\n')
    assert unquote(extended.removeprefix("filename*=UTF-8''")) == name


@given(st.text())
def test_a_header_is_one_line_of_ascii_whatever_the_name(name: str) -> None:
    header = content_disposition(name, attachment=True)
    assert header.isascii()
    assert header.isprintable()
    assert unquote(header.partition("filename*=UTF-8''")[2]) == name


@given(st.text(st.characters(exclude_characters="\x00"), max_size=400))
@example(" " * 300 + "x")
def test_a_kept_name_is_short_full_and_stays_when_kept_again(name: str) -> None:
    kept = clean_name(name)
    assert 0 < len(kept.encode()) <= MAX_NAME_BYTES
    assert clean_name(kept) == kept


@given(st.text(max_size=400))
@example("con" + "." * 300)
@example(" " * 400 + "x")
def test_a_name_for_the_disk_never_leaves_its_folder(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe.encode()) <= MAX_NAME_BYTES
    assert not set(safe) & set('<>:"/\\|?*\x00')
    assert safe not in (".", "..")
    assert safe == safe.rstrip(". ")
