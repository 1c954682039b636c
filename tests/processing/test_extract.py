"""Files of every kind give what they hold, or a plain reason."""

import json
from pathlib import Path

import pytest

from studybuddy.kinds import FORMATS, detect
from studybuddy.processing.extract import MODULES, extract, readable
from studybuddy.processing.results import Cue, Derived, Facts, Page, Progress, Remark, Result, UnreadableError
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
