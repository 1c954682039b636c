"""A real mixed library, made by LibreOffice and espeak-ng: every word is found, and opens where it stands."""

import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from studybuddy.units import clock_text
from tests import patient
from tests.library import Made, make_library
from tests.library.subjects import SUBJECTS, Place
from tests.pages.server import Server, running
from tests.pages.walking import make_session, tab

pytest_plugins = ("tests.pages.chromium",)

_MISSING = [program for program in ("soffice", "espeak-ng") if not shutil.which(program)]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(bool(_MISSING), reason=f"needs {' and '.join(_MISSING)}"),
]
_READ_S = 600
_CAPTIONS = (".vtt", ".srt")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A running server that has read the library."""

    server: Server
    made: list[Made]
    ids: dict[tuple[str, str], int]  # of files, by session and name

    def said_in(self, made: Made) -> int:
        """Return the id of the file that a hit opens: of a caption file's words, the recording."""
        if not made.name.endswith(_CAPTIONS):
            return self.ids[made.session, made.name]
        stem = f"{Path(made.name).stem}."
        (recording,) = (
            file_id
            for (session, name), file_id in self.ids.items()
            if session == made.session and name.startswith(stem) and not name.endswith(_CAPTIONS)
        )
        return recording

    def hits(self, word: str) -> list[tuple[int, dict[str, Any]]]:
        """Return each place that is found, with its file's id."""
        found = self.get("search", q=word)["results"]
        return [(one["file"]["id"], hit) for one in found for hit in one["hits"]]

    def get(self, path: str, **query: str | int) -> dict[str, Any]:
        answer = patient.get(f"{self.server.url}/api/v1/{path}", params=query).raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    folder = tmp_path_factory.mktemp("library")
    made = make_library(folder / "files")
    with running(folder, STUDY_BUDDY_WORKERS="2") as server:
        ids: dict[tuple[str, str], int] = {}
        for session in SUBJECTS:
            names = [one.name for one in made if one.session == session]
            contents = {name: (folder / "files" / session / name).read_bytes() for name in names}
            session_id = make_session(server, session, contents)
            files = patient.get(f"{server.url}/api/v1/sessions/{session_id}").json()["files"]
            ids |= {(session, file["name"]): file["id"] for file in files}
        shelf = Shelf(server, made, ids)
        until = time.monotonic() + _READ_S
        while (counts := shelf.get("processing")["counts"])["pending"] + counts["processing"]:
            assert time.monotonic() < until, counts
            time.sleep(0.5)
        assert counts["failed"] == 0
        yield shelf


def test_every_word_is_found_where_it_stands_and_nowhere_else(shelf: Shelf) -> None:
    assert len(shelf.made) >= 60
    places = [(made, place) for made in shelf.made for place in made.places]
    assert len(places) >= 200
    for made, place in places:
        shown = f"{made.session}/{made.name}: {place}"
        ((file_id, hit),) = shelf.hits(place.word)
        assert file_id == shelf.said_in(made), shown
        assert place.word in "".join(piece["text"] for piece in hit["text"] if piece["found"]), shown
        if place.at_ms is None:
            assert hit["page"] == place.page, shown
        else:
            said = next(cue for cue in shelf.get(f"files/{file_id}/cues")["cues"] if place.word in cue["text"])
            assert said["start_ms"] == place.at_ms, shown
            assert place.at_ms <= hit["at_ms"] <= said["end_ms"], shown
            assert hit["second"] == max(0, hit["at_ms"] - 3000) // 1000, shown


def test_every_hit_opens_at_its_place_in_the_browser(browser: Browser, shelf: Shelf) -> None:
    """Of every file one, of the ten lectures every one."""
    with tab(browser, shelf.server) as at:
        for made in shelf.made:
            spoken = made.name.endswith(_CAPTIONS)
            for place in made.places if spoken else made.places[-1:]:
                file_id = shelf.said_in(made)
                at.open(f"/search?q={place.word}")
                link = at.page.get_by_test_id("stMain").locator(f"a[href*='file={file_id}']").last
                expect(at.page.get_by_test_id("stMain").get_by_text(place.word)).to_have_count(1)
                link.click()
                expect(at.page).to_have_url(re.compile(rf"/view\?file={file_id}"))
                if spoken:
                    _expect_said(at.page, place)
                else:
                    _expect_shown(at.page, made, place)


def _expect_said(page: Page, place: Place) -> None:
    cue = page.locator(".cue", has_text=place.word)
    expect(cue.locator(".moment")).to_have_text(clock_text(place.at_ms or 0))
    expect(cue).to_be_in_viewport()
    sound = page.locator("audio").element_handle()
    page.wait_for_function("sound => sound.readyState > 0 && !sound.seeking", arg=sound)
    at_s = float(sound.evaluate("sound => sound.currentTime"))
    # Three seconds before the word, which ends its sentence.
    assert (place.at_ms or 0) / 1000 - 4 <= at_s <= (place.at_ms or 0) / 1000 + 8
    cue.click()
    page.wait_for_function(f"sound => Math.abs(sound.currentTime - {(place.at_ms or 0) / 1000}) < 0.2", arg=sound)


def _expect_shown(page: Page, made: Made, place: Place) -> None:
    if made.name.endswith(".pdf"):
        expect(page.locator("img.page")).to_have_attribute("alt", f"Page {place.page} of {made.name}")
        page.get_by_text("Text of this page").click()
    if made.name.endswith(".svg"):
        image = page.get_by_test_id("stImage").locator("img")
        expect(image).to_have_count(1)
        page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=image.element_handle())
    elif made.name.endswith(".csv"):
        expect(page.get_by_test_id("stDataFrame")).to_have_count(1)
    else:
        expect(page.get_by_text(place.word, exact=False).first).to_be_visible()
