"""A library of all kinds of files: every word is found in its place."""

from pathlib import Path

import pytest

from studybuddy.processing.derived import DerivedFiles
from studybuddy.processing.results import Cue, Derived, Page, Result
from tests.library import Made, make_library
from tests.processing.test_extract import derived, facts, read, remarks

Readings = list[tuple[Made, list[Result]]]

_PLAYED_AS_THEY_ARE = ("m4a", "mp3", "wav", "flac", "ogg", "opus", "aac")
_RECORDINGS = (*_PLAYED_AS_THEY_ARE, "webm", "mka", "amr", "wma", "caf", "aiff")


@pytest.fixture(
    scope="module", params=["quick", pytest.param("real", marks=[pytest.mark.slow, pytest.mark.timeout(600)])]
)
def readings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Readings:
    """Read a whole library: a quick one always; one that LibreOffice and espeak-ng made, where they are."""
    folder = tmp_path_factory.mktemp("library")
    library = make_library(folder, quick=request.param == "quick")
    return [(made, read(folder / made.session / made.name)) for made in library]


def test_every_word_is_found_in_its_place(readings: Readings) -> None:
    assert len(readings) >= 60
    for made, results in readings:
        for place in made.places:
            pages = [result.number for result in results if isinstance(result, Page) and place.word in result.text]
            times = [result.start_ms for result in results if isinstance(result, Cue) and place.word in result.text]
            wanted = ([place.page] if place.page else [], [] if place.at_ms is None else [place.at_ms])
            assert (pages, times) == wanted, f"{made.session}/{made.name}: {place}"
    assert sum(len(made.places) for made, _ in readings) >= 200


def test_every_recording_has_its_length_and_its_waveform(readings: Readings) -> None:
    heard = [(made, results) for made, results in readings if made.name.endswith(_RECORDINGS)]
    assert len(heard) == 13
    for made, results in heard:
        shown = f"{made.name}: {results}"
        assert int(facts(results)["duration_ms"]) > 2900 and facts(results)["codec"], shown
        assert derived(results, "peaks"), shown
        assert (derived(results, "playable") is None) == made.name.endswith(_PLAYED_AS_THEY_ARE), shown
        assert remarks(results) == [], shown


def test_everything_that_is_made_can_be_kept(readings: Readings, tmp_path: Path) -> None:
    kept = DerivedFiles(tmp_path)
    for number, (_, results) in enumerate(readings):
        for one in [result for result in results if isinstance(result, Derived)]:
            kept.put(number, one)
            found = kept.find(number, one.name)
            assert found and found.content_type == one.content_type


def test_every_picture_and_every_pdf_has_a_small_one(readings: Readings) -> None:
    shown = [
        (made, results) for made, results in readings if made.name.startswith("Picture") and "svg" not in made.name
    ]
    assert len(shown) >= 8
    assert [made.name for made, results in shown if derived(results, "thumbnail") is None] == []
