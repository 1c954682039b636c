"""Text is found whatever wrote it: encodings, pages, captions whose times are wrong, pages that are pictures."""

import json
from pathlib import Path

import pytest

from studybuddy.processing import ocr
from studybuddy.processing.bounds import clean, numbers_text
from studybuddy.processing.decoding import decoded
from studybuddy.processing.parts import PART_CHARACTERS, parts
from studybuddy.processing.results import Cue, UnreadableError
from tests.library.office import docx, opendocument, xlsx
from tests.library.reading import epub, scan
from tests.processing.bad import changed_zip
from tests.processing.test_extract import facts, read_bytes, remarks, texts
from tests.samples import pdf_of

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_a_text_is_read_in_its_encoding(encoding: str) -> None:
    text = "Größere Räder überwinden höhere Stöße, naïve façade."
    assert decoded(text.encode(encoding)) == text


def test_noughts_here_and_there_make_no_text_of_two_bytes() -> None:
    assert decoded(b"a\0\0b" * 10) == "a\0\0b" * 10


def test_a_break_before_the_first_word_makes_no_page(tmp_path: Path) -> None:
    assert texts(read_bytes(tmp_path, "essay.odt", opendocument("odt", ["", "one", "two"]))) == {1: "one", 2: "two"}


def test_an_encoding_that_is_none_is_not_believed() -> None:
    assert decoded("Größe".encode("cp1252"), declared="base64") == "Größe"
    assert decoded("Größe".encode("cp1252"), declared="no-such-thing") == "Größe"


def test_a_page_is_read_in_the_encoding_that_it_declares(tmp_path: Path) -> None:
    page = '<html><head><meta charset="shift_jis"><title>雪国</title></head><p>トンネルを抜ける</html>'
    found = texts(read_bytes(tmp_path, "page.html", page.encode("shift_jis")))[1]
    assert found == "雪国\n\nトンネルを抜ける"


def test_a_page_of_the_web_reads_as_it_looks(tmp_path: Path) -> None:
    page = (
        "<!DOCTYPE html><style>p{}</style><h1>Sugar</h1><ul><li>one<li>two &amp; three</ul>"
        "<pre>a  b\n  c</pre><p>long\nline<br>next</p><script>alert('x')</script><table><tr><td>1<td>2</table>"
    )
    found = texts(read_bytes(tmp_path, "page.html", page.encode()))[1]
    assert found.split("\n") == [
        "Sugar", "", "one", "", "two & three", "", "a  b", "c", "", "long line", "next", "", "1\t2",
    ]  # fmt: skip


def test_a_long_text_is_cut_behind_paragraphs_and_nothing_is_lost() -> None:
    text = "\n\n".join(f"{number} " + "word " * 100 for number in range(60))
    cut = [*parts(text)]
    assert "".join(cut) == text and len(cut) >= 6
    assert all(part.endswith("\n\n") and len(part) <= PART_CHARACTERS * 3 // 2 for part in cut[:-1])
    assert "".join(parts("x" * 50_000)) == "x" * 50_000


def test_pages_of_a_word_document_are_those_that_word_drew(tmp_path: Path) -> None:
    drawn = "<w:r><w:lastRenderedPageBreak/></w:r>"
    body = (
        f'<w:document xmlns:w="{_WORD}"><w:body><w:p><w:r><w:t>one</w:t></w:r></w:p>'
        f'<w:p><w:r><w:br w:type="page"/></w:r></w:p><w:p>{drawn}<w:r><w:t>two</w:t></w:r></w:p>'
        f"<w:p><w:r><w:t>t</w:t></w:r>{drawn}<w:r><w:t>hree</w:t></w:r></w:p>"
        "<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:del><w:r><w:t>gone</w:t></w:r></w:del></w:p>"
        "</w:body></w:document>"
    )
    content = changed_zip(docx("x", ["y"]), {"word/document.xml": body.encode()})
    assert texts(read_bytes(tmp_path, "essay.docx", content)) == {1: "one", 2: "two\nt", 3: "hree"}


def test_pages_sheets_and_chapters_keep_their_numbers_when_one_is_empty(tmp_path: Path) -> None:
    assert texts(read_bytes(tmp_path, "slides.odp", opendocument("odp", ["one", "", "three"])))[3] == "three"
    assert texts(read_bytes(tmp_path, "table.xlsx", xlsx({"A": [], "B": ["two"]})))[2] == "B\ntwo\t1.5\t2026-09-01"
    assert texts(read_bytes(tmp_path, "book.epub", epub("Book", ["", "two"])))[2] == "2\n\ntwo"


def test_a_notebook_gives_its_cells_and_what_they_printed(tmp_path: Path) -> None:
    cells = [{"source": ["# Waves\n", "sin"]}, {"source": "plot()", "outputs": [{"data": {"text/plain": "<Figure>"}}]}]
    found = read_bytes(tmp_path, "waves.ipynb", json.dumps({"cells": cells, "nbformat": 4}).encode())
    assert texts(found) == {1: "# Waves\nsin\n\nplot()\n\n<Figure>"}


def test_captions_with_wrong_times_are_told_and_not_dropped_in_silence(tmp_path: Path) -> None:
    lines = [
        "WEBVTT", "", "00:01.000 --> 00:02.000", "one", "", "00:61.000 --> 00:62.000", "lost", "",
        "00:05.000 --> 00:04.000", "turned", "", "soon --> later", "lost too", "",
    ]  # fmt: skip
    results = read_bytes(tmp_path, "lecture.vtt", "\n".join(lines).encode())
    assert [result for result in results if isinstance(result, Cue)] == [
        Cue(1000, 2000, "one"),
        Cue(5000, 5000, "turned"),
    ]
    assert remarks(results) == [
        "2 captions have times that cannot be read, and were left out: line 6, 12",
        "1 caption ends before it begins: only the beginning counts",
    ]


def test_captions_of_either_form_are_read_under_either_name(tmp_path: Path) -> None:
    srt = "1\n00:00:01,000 --> 00:00:02,000\n<i>one</i>\n\n2\n00:00:03,500 --> 00:00:04,000\ntwo\n\nmore\n"
    found = read_bytes(tmp_path, "lecture.srt", srt.encode("utf-8-sig"))
    assert found == [Cue(1000, 2000, "one"), Cue(3500, 4000, "two\nmore")]
    bare = "00:00:01,000 --> 00:00:02,000\r\none\r\n"
    assert read_bytes(tmp_path, "bare.vtt", bare.encode()) == [Cue(1000, 2000, "one")]


def test_a_caption_file_without_captions_is_told(tmp_path: Path) -> None:
    assert remarks(read_bytes(tmp_path, "lecture.vtt", b"WEBVTT\n")) == ["There are no captions in it"]


def test_scanned_pages_are_told_from_empty_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "_languages", lambda: "")  # as where tesseract is not installed
    ocr.available.cache_clear()
    try:
        found = read_bytes(tmp_path, "scan.pdf", scan("Photosynthesis", pages=3))
        empty = read_bytes(tmp_path, "empty.pdf", pdf_of(["", "words"]))
    finally:
        ocr.available.cache_clear()
    assert texts(found) == {1: "", 2: "", 3: ""} and facts(found) == {"pages": 3}
    assert remarks(found) == ["No text on pages 1 to 3: scanned. Install tesseract to have them read"]
    assert texts(empty) == {1: "", 2: "words"} and remarks(empty) == []


@pytest.mark.skipif(not ocr.available(), reason="needs tesseract")
def test_scanned_pages_are_read_where_tesseract_is(tmp_path: Path) -> None:
    found = read_bytes(tmp_path, "scan.pdf", scan("Photosynthesis", pages=2))
    assert "Photosynthesis" in texts(found)[2]
    assert remarks(found) == ["The text of pages 1 to 2 was read from pictures: expect mistakes"]


def test_what_is_no_text_is_taken_out() -> None:
    assert clean("a\x00b\x07c\ud800d\ufeffe") == "abcde"
    assert clean("e\u0301cole \ufb01n \u2f42") == "école fin 文"
    assert clean("one  \r\n\r\n\r\n\r\ntwo\x0bthree\n") == "one\n\ntwo\nthree"


def test_runs_of_pages_are_told_in_few_words() -> None:
    assert numbers_text([3]) == "page 3"
    assert numbers_text([3, 4, 5, 9]) == "pages 3 to 5 and 9"
    assert numbers_text([*range(1, 40, 2)]) == "pages 1, 3, 5, 7, 9 and 15 more"


def test_a_reason_is_plain_and_names_no_library(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_bytes(tmp_path, "essay.docx", changed_zip(docx("x", ["y"]), {"word/document.xml": b"<a"}))
    assert str(caught.value) == "It cannot be read as a Word document, it is damaged or cut off"


def test_a_word_that_a_line_broke_is_whole_again(tmp_path: Path) -> None:
    words = b"BT /F1 12 Tf 72 720 Td (The leaf lives by photo-) Tj 0 -15 Td (synthesis alone) Tj ET"
    whole = pdf_of(["x"]).replace(b"BT /F1 18 Tf 72 720 Td (x) Tj ET", words)
    assert texts(read_bytes(tmp_path, "paper.pdf", whole)) == {1: "The leaf lives by photosynthesis alone"}
