"""Pages, scripts and texts are told apart by how they begin."""

from pathlib import Path

import pytest

from studybuddy.kinds import inline_safe
from studybuddy.kinds.containers import HEAD_BYTES
from tests import samples
from tests.kinds.conftest import found


def test_a_double_extension_with_script_is_a_page_and_no_pdf(put: Path) -> None:
    file_type = found(put, "a.pdf.html", b"<html><script>alert(1)</script></html>")
    assert file_type.content_type.startswith("text/html")
    assert not inline_safe(file_type.content_type)


@pytest.mark.parametrize("name", ["leaf.svg", "leaf.png", "notes.txt", "page.html", "leaf"])
def test_a_picture_with_a_script_is_never_shown_inline(put: Path, name: str) -> None:
    script = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(document.domain)'/>"
    for content in (script, b"\xef\xbb\xbf \n" + script, b"<!-- <p> --><?xml version='1.0'?>" + script):
        file_type = found(put, name, content)
        assert file_type.content_type == "image/svg+xml"
        assert not inline_safe(file_type.content_type)


def test_a_file_of_three_formats_is_what_its_first_bytes_say(put: Path) -> None:
    file_type = found(put, "x.html", b"%PDF-1.7\n<script>alert(1)</script>" + b"PK\x03\x04")
    assert (file_type.content_type, file_type.extension) == ("application/pdf", "pdf")
    assert file_type.contradicts == "x.html is a PDF, not a web page"


@pytest.mark.parametrize("page", ["<script>alert(1)</script>", "<!doctype HTML>x", "<body onload=x>", "<iframe src=x>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_a_browser_would_take_for_a_page_is_a_page(put: Path, page: str, encoding: str) -> None:
    assert found(put, "page", page.encode(encoding)).extension == "html"


def test_markdown_may_start_with_markup(put: Path) -> None:
    assert found(put, "README.md", b"<p align=center>\n\n# Hello").extension == "md"


def test_words_that_look_like_magic_stay_text(put: Path) -> None:
    for words in (
        b"The free lunch",
        b"caffeine is",
        b"ID3 is a tag",
        b"BM25 ranks",
        b"see %PDF-1.7 there",
        b"GIF of a",
    ):
        assert found(put, "notes.txt", words).extension == "txt", words


@pytest.mark.parametrize("junk", [b"\x00\x01junk\n", b"\xef\xbb\xbf\n\x00"])
def test_a_pdf_behind_some_junk_is_a_pdf(put: Path, junk: bytes) -> None:
    assert found(put, "paper.pdf", junk + samples.pdf("x")).extension == "pdf"


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ("Grün".encode(), "text/plain; charset=utf-8"),
        ("\ufeffGrün".encode(), "text/plain; charset=utf-8"),
        ("Grün".encode("latin-1"), "text/plain"),
        ("Grün".encode("utf-16"), "text/plain"),
        (b"a" * (HEAD_BYTES - 1) + "ü".encode() * 9, "text/plain; charset=utf-8"),
        (b"a" * HEAD_BYTES + b"\xfc", "text/plain"),
        (b"a" * (HEAD_BYTES - 1) + b"\xc3", "text/plain"),
    ],
)
def test_the_encoding_is_said_only_when_it_is_utf8(put: Path, content: bytes, content_type: str) -> None:
    assert found(put, "notes.txt", content).content_type == content_type


def test_a_drawing_that_declares_names_of_its_own_is_a_drawing(put: Path) -> None:
    start = (
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" [<!ENTITY a "b"> <!ENTITY c "d">]>\n<svg></svg>'
    )
    assert found(put, "leaf.svg", start).extension == "svg"
