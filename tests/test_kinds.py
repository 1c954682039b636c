import io
import logging
import struct
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from studybuddy.containers import HEAD_BYTES
from studybuddy.kinds import (
    EXTENSIONS,
    FORMATS,
    FileType,
    detect,
    duration_ms,
    extension_of,
    inline_safe,
    plays_in_browser,
)
from tests import samples

EVERY_KIND = samples.every_kind()
TEXT_EXTENSIONS = {"md", "txt", "csv", "ipynb", "vtt", "srt", "html"}


@pytest.fixture
def put(tmp_path: Path) -> Path:
    return tmp_path / "file"


def found(path: Path, name: str, content: bytes) -> FileType:
    path.write_bytes(content)
    return detect(path, name)


@pytest.mark.parametrize("name", list(EVERY_KIND))
def test_every_kind_is_known_and_its_own_name_contradicts_nothing(put: Path, name: str) -> None:
    file_type = found(put, name, EVERY_KIND[name])
    assert file_type.extension == name.rpartition(".")[2]
    assert file_type.contradicts == ""


@pytest.mark.parametrize("name", [name for name in EVERY_KIND if name.rpartition(".")[2] not in TEXT_EXTENSIONS])
def test_what_bytes_can_tell_needs_no_name(put: Path, name: str) -> None:
    assert found(put, "thing", EVERY_KIND[name]) == found(put, name, EVERY_KIND[name])


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (samples.recordings(), "audio"),
        (samples.documents(), "document"),
        (samples.images(), "image"),
        (samples.captions(), "caption"),
        (samples.videos(), "other"),
        ({"archive.zip": EVERY_KIND["archive.zip"]}, "other"),
    ],
)
def test_each_file_gets_its_kind(put: Path, names: dict[str, bytes], kind: str) -> None:
    assert {found(put, name, content).kind for name, content in names.items()} == {kind}


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("leaf.jpeg", "leaf.jpg"),
        ("leaf.JPG", "leaf.jpg"),
        ("leaf.tif", "leaf.tiff"),
        ("page.htm", "page.html"),
        ("lecture.mp4", "lecture.m4a"),
        ("lecture.m4b", "lecture.m4a"),
        ("lecture.oga", "lecture.ogg"),
        ("lecture.ogg", "lecture.opus"),
        ("lecture.weba", "lecture.webm"),
        ("film.m4v", "film.mp4"),
        ("essay.zip", "essay.docx"),
        ("lecture", "lecture.mp3"),
        ("lecture.final", "lecture.mp3"),
        ("lecture.bin", "lecture.mp3"),
        (".mp3", "paper.pdf"),
        ("mp3", "paper.pdf"),
    ],
)
def test_another_name_for_the_same_thing_is_no_contradiction(put: Path, name: str, other: str) -> None:
    assert found(put, name, EVERY_KIND[other]).contradicts == ""


@pytest.mark.parametrize(
    ("name", "other", "sentence"),
    [
        ("lecture.mp3", "paper.pdf", "lecture.mp3 is a PDF, not an MP3 recording"),
        ("paper.pdf", "page.html", "paper.pdf is a web page, not a PDF"),
        ("a.pdf.html", "paper.pdf", "a.pdf.html is a PDF, not a web page"),
        ("leaf.png", "leaf.jpg", "leaf.png is a JPEG picture, not a PNG picture"),
        ("essay.docx", "archive.zip", "essay.docx is a ZIP archive, not a Word document"),
        ("essay.doc", "essay.docx", "essay.doc is a Word document, not a Word 97 document"),
        ("lecture.m4a", "film.mp4", "lecture.m4a is an MP4 video, not an M4A recording"),
        ("lecture.vtt", "lecture.srt", "lecture.vtt is an SRT caption file, not a WebVTT caption file"),
        ("lecture.mp3", "notes.txt", "lecture.mp3 is a plain text, not an MP3 recording"),
        ("exe\u202e3pm.mp3", "paper.pdf", "exe3pm.mp3 is a PDF, not an MP3 recording"),
    ],
)
def test_a_name_that_lies_is_told(put: Path, name: str, other: str, sentence: str) -> None:
    assert found(put, name, EVERY_KIND[other]).contradicts == sentence


def test_bytes_that_nothing_knows_are_told_when_the_name_claims_a_kind(put: Path) -> None:
    noise = bytes(range(256)) * 20
    assert found(put, "lecture.flac", noise).contradicts.startswith("lecture.flac is of no kind that is known here")
    assert found(put, "data.xyz", noise) == FileType("other", "application/octet-stream", "bin")


def test_an_empty_file_is_told_unless_it_may_be_empty_text(put: Path) -> None:
    assert found(put, "lecture.mp3", b"").contradicts == "lecture.mp3 is empty, not an MP3 recording"
    assert found(put, "notes.md", b"") == FileType("document", "text/markdown; charset=utf-8", "md")
    assert found(put, "nothing", b"").extension == "bin"


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


def test_an_odp_that_was_packed_again_is_still_known(put: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("content.xml", "<x/>")
        file.writestr("mimetype", "application/vnd.oasis.opendocument.presentation")
    assert found(put, "slides.odp", out.getvalue()).extension == "odp"


def test_a_large_office_file_is_known_by_its_directory_at_the_end(put: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("ppt/media/film.bin", bytes(3 * HEAD_BYTES))
        for number in range(2000):
            file.writestr(f"ppt/slides/slide{number}.xml", "<x/>")
        file.writestr("[Content_Types].xml", "<x/>")
    assert found(put, "slides.pptx", out.getvalue()).extension == "pptx"


def test_an_office_file_in_zip64_is_known(put: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    content = samples.docx("x")
    assert b"PK\x06\x06" in content
    assert found(put, "essay.docx", content).extension == "docx"


def test_a_word_document_inside_an_archive_does_not_make_it_one(put: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("essay.docx", samples.docx("x"))
    assert found(put, "essays.zip", out.getvalue()).extension == "zip"


def test_a_zip_of_a_hundred_thousand_entries_is_told_at_once(put: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for number in range(100_000):
            file.writestr(zipfile.ZipInfo(str(number)), "")
    put.write_bytes(out.getvalue())
    start = time.perf_counter()
    assert detect(put, "bomb.zip").extension == "zip"
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize("sectors", [1, 3, 60])
def test_an_old_word_document_is_known_wherever_its_stream_is_listed(put: Path, sectors: int) -> None:
    assert found(put, "essay.doc", samples.ole("WordDocument", directory_sectors=sectors)).extension == "doc"


@pytest.mark.parametrize(
    ("name", "extension"), [("a.docx", "docx"), ("a.pptx", "pptx"), ("a", "docx"), ("a.doc", "docx")]
)
def test_an_office_file_with_a_password_is_what_its_name_says(put: Path, name: str, extension: str) -> None:
    assert found(put, name, samples.ole("EncryptedPackage")).extension == extension


@pytest.mark.parametrize("name", ["slides.pptx", "essay.odt", "book.epub"])
def test_an_office_file_that_was_cut_off_is_what_its_name_says(put: Path, name: str) -> None:
    half = EVERY_KIND[name][: len(EVERY_KIND[name]) // 2]
    assert found(put, name, half) == found(put, name, EVERY_KIND[name])
    assert found(put, "archive.zip", half).extension == "zip"


def test_a_drawing_that_declares_names_of_its_own_is_a_drawing(put: Path) -> None:
    start = (
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" [<!ENTITY a "b"> <!ENTITY c "d">]>\n<svg></svg>'
    )
    assert found(put, "leaf.svg", start).extension == "svg"


def test_an_ole_file_that_is_no_office_file_is_of_no_known_kind(put: Path) -> None:
    assert found(put, "setup.msi", samples.ole("Setup")).extension == "bin"


def test_an_ole_directory_that_goes_round_in_circles_ends(put: Path) -> None:
    circle = bytearray(samples.ole("Nothing"))
    circle[512 + 4 : 512 + 8] = struct.pack("<I", 1)
    assert found(put, "essay.doc", bytes(circle)).extension == "bin"


def test_a_recording_is_known_by_its_tracks_wherever_the_index_is(put: Path) -> None:
    assert found(put, "x", samples.mp4(handlers=(b"soun",))).kind == "audio"
    assert found(put, "x", samples.mp4(handlers=(b"soun", b"vide"))).kind == "other"
    long = samples.box(b"ftyp", b"isom" + bytes(8)) + samples.box(b"mdat", bytes(2 * HEAD_BYTES))
    index = samples.mp4(handlers=(b"soun",))
    assert found(put, "x", long + index[index.index(b"moov") - 4 :]).kind == "audio"


def test_a_recording_without_its_index_is_what_its_name_says(put: Path) -> None:
    cut = samples.box(b"ftyp", b"isom" + bytes(8)) + samples.box(b"mdat", bytes(100))
    assert found(put, "lecture.m4a", cut).kind == "audio"
    assert found(put, "film.mp4", cut).kind == "other"


def test_an_mp4_of_endless_boxes_is_given_up(put: Path) -> None:
    boxes = samples.box(b"ftyp", b"isom" + bytes(8)) + samples.box(b"free", b"") * 500_000
    put.write_bytes(boxes)
    start = time.perf_counter()
    detect(put, "x")
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize("tag_bytes", [0, 100, 3 * HEAD_BYTES])
def test_an_mp3_is_known_behind_its_tag(put: Path, tag_bytes: int) -> None:
    assert found(put, "x", samples.mp3(tag_bytes=tag_bytes)).extension == "mp3"


@pytest.mark.parametrize(("name", "whole"), [("cut.mp3", samples.mp3()), ("cut.aac", samples.aac())])
def test_a_recording_cut_out_of_a_stream_is_known_with_its_name(put: Path, name: str, whole: bytes) -> None:
    assert found(put, name, whole[100:]).contradicts == ""


@pytest.mark.parametrize(
    ("content", "extension", "kind"),
    [
        (samples.wma(video=True), "wmv", "other"),
        (samples.webm(doctype=b"matroska"), "mka", "audio"),
        (samples.webm(doctype=b"matroska", video=True), "mkv", "other"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(300), "rar", "other"),
        (b"{\\rtf1 Hello}", "rtf", "document"),
        (samples.opendocument("spreadsheet"), "ods", "document"),
        (samples.ole("Workbook"), "xls", "document"),
    ],
)
def test_relatives_of_the_common_kinds_are_known_too(put: Path, content: bytes, extension: str, kind: str) -> None:
    file_type = found(put, "x", content)
    assert (file_type.extension, file_type.kind) == (extension, kind)


def test_every_extension_fits_a_key() -> None:
    assert all(1 <= len(extension) <= 8 and extension.isalnum() and extension.islower() for extension in EXTENSIONS)


def test_only_what_cannot_hold_a_script_is_shown_inline() -> None:
    inline = {name for name, known in FORMATS.items() if inline_safe(known.content_type)}
    assert inline >= {"pdf", "png", "jpg", "gif", "webp", "mp3", "m4a", "txt", "md", "csv", "vtt"}
    assert not inline & {"svg", "html", "ipynb", "zip", "bin", "docx", "epub", "rtf"}
    assert inline_safe("text/plain; charset=utf-8")
    assert not inline_safe("text/html; charset=utf-7")
    assert not inline_safe("audio/x-unheard-of")


def test_recordings_that_every_browser_plays_are_told() -> None:
    assert all(plays_in_browser(FORMATS[name].content_type) for name in ("m4a", "mp3", "wav", "ogg", "webm", "flac"))
    assert not any(plays_in_browser(FORMATS[name].content_type) for name in ("wma", "amr", "caf", "pdf"))


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.wav", samples.wav(1.5), 1500),
        ("a.m4a", samples.m4a(7200), 7_200_000),
        ("a.flac", samples.flac(61), 61_000),
        ("a.aac", samples.aac(), None),
        ("a.webm", samples.webm(), None),
        ("a.pdf", samples.pdf("x"), None),
        ("a.flac", samples.flac(8 * 24 * 3600), None),
        ("a.wav", b"", None),
    ],
)
def test_the_length_of_a_recording_is_told_where_its_bytes_tell(
    tmp_path: Path, name: str, content: bytes, expected: int | None
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert duration_ms(path) == expected


def test_a_damaged_recording_has_no_length_and_one_line_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.flac"
    path.write_bytes(samples.flac()[:20])
    with caplog.at_level(logging.WARNING):
        assert duration_ms(path) is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(name=st.sampled_from(sorted(EVERY_KIND)), data=st.data())
def test_a_damaged_file_is_always_some_kind(put: Path, name: str, data: st.DataObject) -> None:
    content = bytearray(EVERY_KIND[name])
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    file_type = found(put, name, bytes(content[:cut]))
    assert file_type.extension in EXTENSIONS
    duration_ms(put)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=300), name=st.text(max_size=30))
@example(content=b"RIFF", name="a.wav")
@example(content=b"PK\x05\x06", name="a.zip")
@example(content=b"ID3", name="a.mp3")
def test_any_bytes_under_any_name_are_some_kind(put: Path, content: bytes, name: str) -> None:
    assert found(put, name, content).extension in EXTENSIONS


def test_a_content_type_tells_the_extension_of_a_key() -> None:
    assert [extension_of(one) for one in ("audio/mp4", "audio/ogg", "text/plain; charset=utf-8", "x/y")] == [
        "m4a", "ogg", "txt", "bin",
    ]  # fmt: skip
    assert {extension_of(known.content_type) for known in FORMATS.values()} <= EXTENSIONS
