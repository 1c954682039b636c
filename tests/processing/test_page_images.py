"""Pictures of pages: made when they are asked for, kept, and never by the server's own process."""

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from studybuddy.adding.new_files import NewFile
from studybuddy.catalog.records import File
from studybuddy.errors import ConflictError, NotFoundError, UnavailableError
from studybuddy.processing.page_images import PageImages
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests import samples
from tests.outbox.rig import SILENT, rig


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    environ = {"UPLOADS_DIR": f"{tmp_path}/uploads", "STUDY_BUDDY_DATA": f"{tmp_path}/data"}
    opened = open_all(load_settings(environ, env_file=tmp_path / "no.env"))
    opened.library.create_session("Optics")
    yield opened
    opened.close()


@pytest.fixture
def images(wiring: Wiring) -> PageImages:
    return wiring.page_images


def add(wiring: Wiring, content: bytes, name: str = "slides.pdf") -> File:
    return wiring.library.add(io.BytesIO(content), NewFile(name, 1)).file


def test_a_page_is_drawn_and_kept_with_those_behind_it(wiring: Wiring, images: PageImages, tmp_path: Path) -> None:
    file = add(wiring, samples.pdf("Light", pages=6))
    found = images.get(file.id, 2)
    assert found.pages == 6
    with Image.open(found.path) as picture:
        assert (picture.format, max(picture.size)) == ("WEBP", 1600)
    images.get(file.id, 6)  # behind it in the queue: what was made ahead is there
    shutil.rmtree(tmp_path / "uploads")
    assert [images.get(file.id, number).pages for number in (2, 3, 4, 5, 6)] == [6] * 5


def test_what_has_no_such_page_or_no_pages_is_told(wiring: Wiring, images: PageImages) -> None:
    file = add(wiring, samples.pdf("Light", pages=2))
    for _ in range(2):
        with pytest.raises(NotFoundError, match="no page 3") as told:
            images.get(file.id, 3)
        assert told.value.fix == "The document has 2 pages."
        images.get(file.id, 1)
    with pytest.raises(ConflictError, match="is no PDF"):
        images.get(add(wiring, b"text", "notes.txt").id, 1)


def test_a_damaged_document_is_told_and_the_next_is_drawn(wiring: Wiring, images: PageImages) -> None:
    damaged = add(wiring, b"%PDF-1.7\n" + bytes(500), "damaged.pdf")
    with pytest.raises(ConflictError, match="damaged"):
        images.get(damaged.id, 1)
    assert images.get(add(wiring, samples.pdf("Light")).id, 1).pages == 1


def test_nothing_is_left_when_it_is_closed_but_the_pictures(wiring: Wiring, images: PageImages, tmp_path: Path) -> None:
    file = add(wiring, samples.pdf("Light"))
    kept = images.get(file.id, 1).path
    images.close()
    assert list((tmp_path / "data" / "processing").iterdir()) == []
    assert kept.exists()
    wiring.library.trash_file(file.id)
    wiring.library.purge_file(file.id)
    assert not kept.exists()


def test_a_document_in_a_bucket_is_fetched_once_and_let_go_at_the_end(wiring: Wiring, tmp_path: Path) -> None:
    bucket = rig(wiring, tmp_path / "s3")
    file = bucket.add(samples.pdf("Light", pages=20), "slides.pdf").file
    folder = tmp_path / "data" / "processing"
    images = PageImages(bucket.library, wiring.processing.derived, wiring.claim, folder=folder)
    asked = bucket.bucket.asked
    for number in (1, 10, 20):
        assert images.get(file.id, number).pages == 20
    assert bucket.bucket.asked == asked + 1
    images.close()
    assert list(folder.iterdir()) == []


def test_a_bucket_that_does_not_answer_is_told(wiring: Wiring, tmp_path: Path) -> None:
    bucket = rig(wiring, tmp_path / "s3")
    file = bucket.add(samples.pdf("Light"), "slides.pdf").file
    images = PageImages(bucket.library, wiring.processing.derived, wiring.claim, folder=tmp_path / "data/processing")
    bucket.bucket.failure = SILENT
    with pytest.raises(UnavailableError, match="does not answer"):
        images.get(file.id, 1)
    images.close()
