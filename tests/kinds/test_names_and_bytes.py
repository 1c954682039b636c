"""Every kind is told by its bytes, and a name that lies is told; any bytes are some kind."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from studybuddy.kinds import EXTENSIONS, FileType, duration_ms
from tests import samples
from tests.kinds.conftest import EVERY_KIND, found

TEXT_EXTENSIONS = {"md", "txt", "csv", "ipynb", "vtt", "srt", "html"}


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
