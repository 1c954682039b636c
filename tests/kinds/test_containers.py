"""Kinds that only the inside of a file tells: archives, office files, recordings."""

import io
import struct
import time
import zipfile
from pathlib import Path

import pytest

from studybuddy.kinds import detect
from studybuddy.kinds.containers import HEAD_BYTES
from tests import samples
from tests.kinds.conftest import EVERY_KIND, found


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
    start = time.process_time()
    assert detect(put, "bomb.zip").extension == "zip"
    assert time.process_time() - start < 2


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
    start = time.process_time()
    detect(put, "x")
    assert time.process_time() - start < 1


@pytest.mark.parametrize("tag_bytes", [0, 100, 3 * HEAD_BYTES])
def test_an_mp3_is_known_behind_its_tag(put: Path, tag_bytes: int) -> None:
    assert found(put, "x", samples.mp3(tag_bytes=tag_bytes)).extension == "mp3"


@pytest.mark.parametrize(("name", "whole"), [("cut.mp3", samples.mp3()), ("cut.aac", samples.aac())])
def test_a_recording_cut_out_of_a_stream_is_known_with_its_name(put: Path, name: str, whole: bytes) -> None:
    assert found(put, name, whole[100:]).contradicts == ""
