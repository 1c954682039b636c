"""Files of every kind give what they hold, or a plain reason."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from studybuddy.kinds import FORMATS, detect
from studybuddy.processing.extract import MODULES, extract, readable
from studybuddy.processing.results import Cue, Derived, Facts, Page, Progress, Remark, Result, UnreadableError
from tests.library.office import opendocument
from tests.library.office import pptx as deck
from tests.library.reading import picture
from tests.processing.bad import changed_zip
from tests.samples import captions, documents, images, pdf, wav


def read(path: Path) -> list[Result]:
    """Return what a file gives, without how far it was meanwhile."""
    found = detect(path, path.name)
    into = path.with_name(f"{path.name}.made")
    into.mkdir()
    results = extract(path, kind=found.kind, content_type=found.content_type, name=path.name, into=into)
    return [result for result in results if not isinstance(result, Progress)]


def read_bytes(tmp_path: Path, name: str, content: bytes) -> list[Result]:
    path = tmp_path / name
    path.write_bytes(content)
    return read(path)


def texts(results: list[Result]) -> dict[int, str]:
    return {result.number: result.text for result in results if isinstance(result, Page)}


def facts(results: list[Result]) -> dict[str, str | int | float]:
    return {name: value for result in results if isinstance(result, Facts) for name, value in result.values.items()}


def derived(results: list[Result], name: str) -> Derived | None:
    return next((result for result in results if isinstance(result, Derived) and result.name == name), None)


def remarks(results: list[Result]) -> list[str]:
    return [result.text for result in results if isinstance(result, Remark)]


@pytest.mark.parametrize("name", ["paper.pdf", "essay.docx", "essay.odt", "table.xlsx", "page.html", "notes.md"])
def test_the_text_of_a_document_is_found(tmp_path: Path, name: str) -> None:
    assert "Photosynthesis" in texts(read_bytes(tmp_path, name, documents()[name]))[1]


@pytest.mark.parametrize("name", [*captions()])
def test_what_is_said_is_found_at_its_time(tmp_path: Path, name: str) -> None:
    assert read_bytes(tmp_path, name, captions()[name]) == [Cue(1000, 2500, "Light becomes sugar.")]


@pytest.mark.parametrize("name", [name for name in images() if name not in ("leaf.heic", "leaf.svg")])
def test_a_picture_gives_its_size_and_a_small_one(tmp_path: Path, name: str) -> None:
    results = read_bytes(tmp_path, name, images()[name])
    assert facts(results) == {"width": 8 if name == "leaf.png" else 1, "height": 8 if name == "leaf.png" else 1}
    small = derived(results, "thumbnail")
    assert small and small.file.read_bytes()[8:12] == b"WEBP" and small.content_type == "image/webp"


def test_a_recording_gives_its_facts_and_its_waveform(tmp_path: Path) -> None:
    results = read_bytes(tmp_path, "lecture.wav", wav(2.0))
    assert facts(results) == {
        "duration_ms": 2000, "bit_rate": 128_000, "codec": "pcm_s16le", "sample_rate": 8000, "channels": 1,
    }  # fmt: skip
    peaks = derived(results, "peaks")
    assert peaks
    found = json.loads(peaks.file.read_text())
    assert found["version"] == 1 and found["duration_ms"] == 2000
    assert found["peaks"] == pytest.approx([round(3000 / 32768 * 255)] * 200, abs=1)
    assert derived(results, "playable") is None


def test_pages_are_counted_from_one(tmp_path: Path) -> None:
    results = read_bytes(tmp_path, "paper.pdf", pdf("Leaf", pages=30))
    assert texts(results) == {number: f"Leaf - page {number}" for number in range(1, 31)}
    assert facts(results) == {"pages": 30}
    assert derived(results, "thumbnail")


def test_progress_only_goes_forward(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf("Leaf", pages=120))
    results = extract(path, kind="document", content_type="application/pdf", name=path.name, into=tmp_path)
    done = [result.done for result in results if isinstance(result, Progress)]
    assert done == sorted(done) and len(done) >= 4 and done[-1] <= 1


@pytest.mark.parametrize("name", ["old.doc", "old.ppt", "archive.zip"])
def test_what_is_not_read_here_is_told_with_what_to_do(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"x")
    content_type = FORMATS[name.rpartition(".")[2]].content_type
    assert not readable(content_type)
    with pytest.raises(UnreadableError, match="not read here") as caught:
        list(extract(path, kind="document", content_type=content_type, name=name, into=tmp_path))
    assert caught.value.fix.startswith("Save it as")


def test_every_document_recording_picture_and_caption_is_read_or_told_why_not() -> None:
    unread = {name for name, known in FORMATS.items() if known.kind != "other" and name not in MODULES}
    assert unread == {"doc", "ppt", "xls", "rtf"}


def test_a_deck_without_a_picture_of_its_own_gets_one_drawn(tmp_path: Path) -> None:
    """The texts and pictures of its first slide stand where they stand there."""
    results = read_bytes(tmp_path, "slides.pptx", deck("Waves", [("Light is a wave", "Say this")]))
    small = derived(results, "thumbnail")
    assert small
    with Image.open(small.file) as drawn:
        assert drawn.size == (480, 360)  # of a deck of 4:3
        grey = drawn.convert("L")
        assert all(min(grey.crop(box).tobytes()) < 90 for box in ((0, 0, 480, 70), (0, 70, 480, 130)))
        assert drawn.getpixel((300, 205)) == pytest.approx((0, 128, 128), abs=12)  # the picture, teal


def test_a_deck_whose_own_picture_is_empty_gets_one_drawn(tmp_path: Path) -> None:
    empty = io.BytesIO()
    Image.new("RGB", (256, 192), "white").save(empty, "JPEG")
    content = changed_zip(deck("Waves", [("Light is a wave", "")]), {"docProps/thumbnail.jpeg": empty.getvalue()})
    small = derived(read_bytes(tmp_path, "slides.pptx", content), "thumbnail")
    assert small
    with Image.open(small.file) as drawn:
        assert drawn.size == (480, 360)
        assert min(drawn.convert("L").crop((6, 6, 474, 70)).tobytes()) < 90


@pytest.mark.parametrize(("mode", "color", "has_line"), [("RGB", "white", True), ("RGB", "#404040", False),
                                                         ("RGBA", (0, 0, 0, 0), True)])  # fmt: skip
def test_a_light_picture_has_a_line_around_it(tmp_path: Path, mode: str, color: object, has_line: bool) -> None:
    out = io.BytesIO()
    Image.new(mode, (200, 100), color).save(out, "PNG")  # type: ignore[arg-type]
    small = derived(read_bytes(tmp_path, "photo.png", out.getvalue()), "thumbnail")
    assert small
    with Image.open(small.file) as shown:
        inside, edges = (100, 50), ((1, 50), (198, 50), (100, 1), (100, 98))
        assert [shown.getpixel(edge) != shown.getpixel(inside) for edge in edges] == [has_line] * 4


def test_an_open_deck_without_a_picture_of_its_own_gets_a_card_of_its_words(tmp_path: Path) -> None:
    results = read_bytes(tmp_path, "slides.odp", opendocument("odp", ["Waves\nLight is one", "two"]))
    small = derived(results, "thumbnail")
    assert small
    with Image.open(small.file) as drawn:
        grey = drawn.convert("L")
        assert drawn.size == (480, 270)
        assert all(min(grey.crop(box).tobytes()) < 90 for box in ((32, 32, 240, 66), (32, 70, 240, 110)))
        assert min(grey.crop((6, 130, 474, 264)).tobytes()) > 240  # within its outline
    assert derived(read_bytes(tmp_path, "text.odt", opendocument("odt", ["one"])), "thumbnail") is None


def test_a_picture_in_a_deck_that_cannot_be_shown_harms_nothing(tmp_path: Path) -> None:
    content = deck("Waves", [("Light is a wave", "Say this")])
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        picture = next(name for name in opened.namelist() if name.startswith("ppt/media/"))
    results = read_bytes(tmp_path, "slides.pptx", changed_zip(content, {picture: b"no picture"}))
    assert "Light is a wave" in texts(results)[1] and derived(results, "thumbnail")


def test_a_large_photo_is_opened_at_a_part_of_its_size(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("L", (12_000, 9_000), 200).save(out, "JPEG")
    results = read_bytes(tmp_path, "photo.jpg", out.getvalue())
    assert facts(results) == {"width": 12_000, "height": 9_000} and derived(results, "thumbnail")


def test_a_photo_is_shown_as_it_was_held(tmp_path: Path) -> None:
    results = read_bytes(tmp_path, "photo.jpg", picture("jpg", ""))
    small = derived(results, "thumbnail")
    assert facts(results) == {"width": 400, "height": 640} and small
    with Image.open(small.file) as shown:
        assert shown.size == (300, 480)
