"""A session leaves as a zip and comes back the same; what is broken, or means harm, is told and loses nothing."""

import io
import json
import re
import struct
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from studybuddy.catalog import contents, files, lectures, lists, marks, plain_transcripts
from studybuddy.catalog.lists import SessionFilter
from studybuddy.errors import ConflictError, IntegrityError, InvalidInputError, NotFoundError, TooLargeError
from studybuddy.newfiles import NewFile
from studybuddy.processing import transcripts
from studybuddy.processing.results import Cue, Page
from studybuddy.session_zip import packing, vtt
from studybuddy.session_zip.looking import look
from studybuddy.session_zip.unpacking import Brought, bring
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests import samples

CUES = [Cue(1_000, 2_500, "Heat is <energy> & so on\nin transit"), Cue(4_000_000, 4_000_001, "größer --> 語")]


def open_at(folder: Path) -> Wiring:
    environ = {"UPLOADS_DIR": f"{folder}/uploads", "STUDY_BUDDY_DATA": f"{folder}/data", "MAX_UPLOAD_MB": "8"}
    return open_all(load_settings(environ, env_file=folder / "no.env"))


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    opened = open_at(tmp_path / "one")
    yield opened
    opened.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Wiring]:
    opened = open_at(tmp_path / "two")
    yield opened
    opened.close()


def add(wiring: Wiring, name: str, content: bytes, session_id: int = 1) -> int:
    return wiring.library.add(io.BytesIO(content), NewFile(name, session_id)).file.id


@pytest.fixture
def session_id(wiring: Wiring) -> int:
    """A session with something of everything."""
    made = wiring.library.create_session("Heat: 1/2", subject="Physics", description="# Hi\n\n* there", tags=["b", "a"])
    recording = add(wiring, "week 1.wav", samples.wav(5, hertz=100))
    slides = add(wiring, "slides.pdf", samples.pdf("Slides"))
    add(wiring, "slides.pdf", samples.pdf("Other slides"))
    add(wiring, "../con.txt", b"words " * 50_000)
    add(wiring, "empty", b"")
    captions = add(wiring, "week 1.vtt", vtt.dumped(CUES))
    wiring.library.create_lecture(made.id, "To be recorded", recorded_on="2026-01-31")
    wiring.listening.add_mark("note", recording, at_ms=1500, text="Ask\n\n*why*")
    wiring.listening.add_mark("bookmark", recording, at_ms=2500)
    wiring.listening.pin(recording, document_id=slides, page=3, at_ms=2000)
    wiring.cards.answer(wiring.cards.add("What is heat?", "Energy", file_id=slides, page=3).id, "good")
    wiring.cards.add("By hand", "Yes", session_id=made.id)
    with wiring.catalog.write() as db:
        contents.replace(db, captions, CUES)
        transcripts.settle(db, made.id)
    return made.id


def exported(wiring: Wiring, session_id: int, path: Path) -> Path:
    path.write_bytes(b"".join(packing.pieces(wiring.library, look(wiring.library, session_id))))
    return path


def told(wiring: Wiring, session_id: int) -> dict[str, Any]:
    """Everything that a person knows of a session, without ids and times of the catalog's own."""
    session = wiring.library.session(session_id)
    with wiring.catalog.read() as db:
        held = files.in_session(db, session_id)
        names = {file.id: (file.name, file.sha256) for file in held}
        taught = [
            (one.title, one.recorded_on, names.get(one.audio_file_id or 0))
            for one in lectures.in_session(db, session_id)
        ]
        noted = [
            (one.kind, one.at_ms, one.text, one.created_at, one.recording)
            for one in marks.told(db, session_id=session_id)
        ]
        said = {file.name: contents.cues(db, file.id).rows for file in held}
    pinned = [(names[pin.document_id], pin.page, pin.at_ms) for file in held for pin in wiring.listening.pins(file.id)]
    cards = [
        (one.front, one.back, one.file, one.page, one.memory) for one in wiring.cards.page(session_id=session_id).rows
    ]
    return {
        "about": (session.title, session.subject, session.description, session.tags),
        "files": sorted((one.name, one.kind, one.content_type, one.size, one.sha256, one.created_at) for one in held),
        "lectures": taught, "marks": noted, "cues": said, "pins": pinned, "cards": cards,
    }  # fmt: skip


def count(wiring: Wiring) -> int:
    with wiring.catalog.read() as db:
        return len(lists.sessions_page(db, SessionFilter()).rows)


def brought(wiring: Wiring, path: Path) -> Brought:
    return bring(wiring.library, wiring.spool, path)


def test_a_session_comes_back_the_same_elsewhere(
    wiring: Wiring, other: Wiring, session_id: int, tmp_path: Path
) -> None:
    path = exported(wiring, session_id, tmp_path / "heat.zip")
    came = brought(other, path)
    assert (came.failed, came.marks, came.lost_marks, came.cards) == ([], 2, 0, 2)
    before = told(wiring, session_id)
    assert told(other, came.session.id) == before
    assert before["cues"]["week 1.wav"] == tuple(CUES)
    assert [guid.guid for guid in other.cards.page().rows] == [guid.guid for guid in wiring.cards.page().rows]


def test_beside_the_first_it_is_a_session_of_its_own_and_says_what_is_here_twice(
    wiring: Wiring, session_id: int, tmp_path: Path
) -> None:
    before = told(wiring, session_id)
    came = brought(wiring, exported(wiring, session_id, tmp_path / "heat.zip"))
    assert told(wiring, came.session.id) == told(wiring, session_id) == before
    twice = [added.duplicates[0].session_id for added in came.added if added.file.size]
    assert twice == [session_id] * 5
    assert len({card.guid for card in wiring.cards.page().rows}) == 4


def test_the_zip_opens_anywhere(wiring: Wiring, session_id: int, tmp_path: Path) -> None:
    with zipfile.ZipFile(exported(wiring, session_id, tmp_path / "heat.zip")) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        ways = {info.filename: info.compress_type for info in archive.infolist()}
        assert b"Ask" in archive.read("notes.md")
        assert b"What is heat?" in archive.read("cards.csv")
        assert "größer" in archive.read("transcripts/week 1.vtt").decode()
    assert {"files/slides.pdf", "files/slides (2).pdf", "files/.._con.txt"} <= set(names)
    assert (ways["files/week 1.wav"], ways["files/.._con.txt"]) == (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def test_it_is_never_whole_in_memory(wiring: Wiring, tmp_path: Path) -> None:
    wiring.library.create_session("Large")
    for number in range(6):
        add(wiring, f"{number}.bin", bytes([number]) * 8_000_000)
    made = packing.pieces(wiring.library, look(wiring.library, 1))
    tracemalloc.start()
    size = sum(map(len, made))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 48_000_000
    assert peak < 8_000_000


def test_what_was_read_in_a_recording_comes_back_as_captions(wiring: Wiring, other: Wiring, tmp_path: Path) -> None:
    wiring.library.create_session("Heat")
    recording = add(wiring, "talk.wav", samples.wav(5, hertz=100))
    with wiring.catalog.write() as db:
        contents.replace(db, recording, CUES)
    came = brought(other, exported(wiring, 1, tmp_path / "heat.zip"))
    said = told(other, came.session.id)
    assert said["cues"]["talk.wav"] == tuple(CUES)
    assert [file[0] for file in said["files"]] == ["talk.vtt", "talk.wav"]


def test_a_transcript_without_times_goes_as_text_and_comes_back(wiring: Wiring, other: Wiring, tmp_path: Path) -> None:
    wiring.library.create_session("Heat")
    add(wiring, "talk.wav", samples.wav(5, hertz=100))
    text = add(wiring, "talk.txt", b"One.\n\nTwo,\nthree.\n")
    with wiring.catalog.write() as db:
        contents.replace(db, text, [Page(1, "One.\n\nTwo,\nthree.")])
        transcripts.settle(db, 1)
    path = exported(wiring, 1, tmp_path / "heat.zip")
    assert zipfile.ZipFile(path).read("transcripts/talk.txt") == b"One.\n\nTwo,\nthree.\n"
    came = brought(other, path)
    before = told(wiring, 1)
    assert before["cues"]["talk.wav"] == (Cue(0, 0, "One."), Cue(0, 0, "Two,\nthree."))
    assert (told(other, came.session.id), came.failed) == (before, [])
    with other.catalog.read() as db:
        timed = [plain_transcripts.has_times(db, one.file.id) for one in came.added if one.file.kind == "audio"]
    assert timed == [False]


def test_what_cannot_be_exported_is_told(wiring: Wiring, session_id: int) -> None:
    with pytest.raises(NotFoundError):
        look(wiring.library, 99)
    with wiring.catalog.read() as db:
        slides = files.in_session(db, session_id)[0]
    here = wiring.library.here(slides.id)
    assert here is not None
    here.chmod(0o600)
    here.write_bytes(b"x" * slides.size)
    with pytest.raises(IntegrityError, match=re.escape(slides.name)):
        list(packing.pieces(wiring.library, look(wiring.library, session_id)))
    wiring.library.trash_session(session_id)
    with pytest.raises(ConflictError, match="in the trash"):
        look(wiring.library, session_id)


def rewritten(path: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    """Make the zip anew with other entries; None leaves one out."""
    with zipfile.ZipFile(path) as archive:
        held = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in filter(None, (change(*one) for one in held)):
            archive.writestr(name, content)
    return path


def test_a_damaged_file_is_told_the_others_come(wiring: Wiring, other: Wiring, session_id: int, tmp_path: Path) -> None:
    path = exported(wiring, session_id, tmp_path / "heat.zip")
    rewritten(
        path, lambda name, content: (name, content.replace(b"RIFF", b"RAFF") if name.endswith(".wav") else content)
    )
    came = brought(other, path)
    assert [(one.name, one.error.code) for one in came.failed] == [("week 1.wav", "integrity")]
    kept = told(other, came.session.id)
    assert len(kept["files"]) == 5
    assert [mark[2] for mark in kept["marks"]] == ["Ask\n\n*why*", ""], "notes stay with their lecture"
    assert ("week 1", None, None) in kept["lectures"]


def test_a_bit_that_fell_over_is_found(wiring: Wiring, other: Wiring, session_id: int, tmp_path: Path) -> None:
    path = exported(wiring, session_id, tmp_path / "heat.zip")
    content = bytearray(path.read_bytes())
    content[content.index(b"RIFF") + 900] ^= 1
    path.write_bytes(content)
    assert [one.name for one in brought(other, path).failed] == ["week 1.wav"]


def test_nothing_is_made_of_a_zip_that_is_cut_off_or_none(
    wiring: Wiring, other: Wiring, session_id: int, tmp_path: Path
) -> None:
    whole = exported(wiring, session_id, tmp_path / "heat.zip").read_bytes()
    for number, content in enumerate([whole[:-200], whole[: len(whole) // 2], b"", b"no zip"]):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(content)
        with pytest.raises(InvalidInputError, match="no whole zip"):
            brought(other, path)
    with pytest.raises(InvalidInputError, match="There is no"):
        brought(other, tmp_path / "nowhere.zip")
    assert count(other) == 0


def test_without_any_file_that_is_whole_there_is_no_session(wiring: Wiring, other: Wiring, tmp_path: Path) -> None:
    wiring.library.create_session("Heat")
    add(wiring, "a.txt", b"words")
    path = rewritten(
        exported(wiring, 1, tmp_path / "heat.zip"),
        lambda name, content: None if name.startswith("files/") else (name, content),
    )
    with pytest.raises(InvalidInputError, match=r"a\.txt' is not in the zip"):
        brought(other, path)
    assert count(other) == 0


def test_names_that_lead_out_or_come_twice_are_refused(other: Wiring, tmp_path: Path) -> None:
    path = tmp_path / "evil.zip"
    for name in ("../out.txt", "/etc/out", "a/../../b", "C:/out", "a\\b", "a//b"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a_b", b"x")
        path.write_bytes(path.read_bytes().replace(b"a_b", b"a\\b"))
        if name != "a\\b":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr(zipfile.ZipInfo(name), b"x")
        with pytest.raises(InvalidInputError, match="leads out of it"):
            brought(other, path)
    for names in (("a.txt", "a.txt"), ("a.txt", "A.TXT")):
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
            warnings.simplefilter("ignore")
            for name in names:
                archive.writestr(name, b"x")
        with pytest.raises(InvalidInputError, match="same name"):
            brought(other, path)


def test_bombs_are_refused_before_they_go_off(other: Wiring, tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(60):
            with archive.open(f"{number}", "w") as entry:
                entry.write(bytes(8_000_000))
    with pytest.raises(TooLargeError, match="would unpack to"):
        brought(other, path)


def test_an_entry_that_lies_about_its_size_gives_no_more_than_it_said(
    wiring: Wiring, other: Wiring, tmp_path: Path
) -> None:
    wiring.library.create_session("Heat")
    add(wiring, "a.txt", b"words " * 1000)
    add(wiring, "b.txt", b"other words")
    path = exported(wiring, 1, tmp_path / "heat.zip")
    content = path.read_bytes()
    place = content.rindex(b"PK\x01\x02", 0, content.rindex(b"files/a.txt"))
    path.write_bytes(content[: place + 24] + struct.pack("<L", 100) + content[place + 28 :])
    assert [one.name for one in brought(other, path).failed] == ["a.txt"]


def test_a_file_over_the_limit_is_told(wiring: Wiring, other: Wiring, tmp_path: Path) -> None:
    wiring.library.create_session("Heat")
    add(wiring, "a.txt", b"words")
    path = exported(wiring, 1, tmp_path / "heat.zip")
    large = bytes(11 * 2**20)

    def grown(name: str, content: bytes) -> tuple[str, bytes]:
        if name != "manifest.json":
            return name, large
        document = json.loads(content)
        document["files"][0]["size"] = len(large)
        return name, json.dumps(document).encode()

    with pytest.raises(TooLargeError, match="larger than the limit"):
        brought(other, rewritten(path, grown))
    assert count(other) == 0


_BAD: list[Callable[[dict[str, Any]], object]] = [
    lambda found: found.clear(),
    lambda found: found.update(version=2),
    lambda found: found.pop("files"),
    lambda found: found["files"][0].update(sha256="x"),
    lambda found: found["files"][0].update(size=-1),
    lambda found: found["files"][0].update(size=True),
    lambda found: found["files"][0].update(created_at="yesterday"),
    lambda found: found["files"][0].update(created_at="2026-99-99T00:00:00.000000Z"),
    lambda found: found["files"].append(found["files"][0]),
    lambda found: found["lectures"][0].update(recording=99),
    lambda found: found["lectures"][0].update(title=" "),
    lambda found: found["lectures"][0].update(recorded_on="soon"),
    lambda found: found["marks"][0].update(kind="card"),
    lambda found: found["marks"][0].update(lecture=0),
    lambda found: found["marks"][0].update(file=None, lecture=99),
    lambda found: found["cards"][0].update(stage=9),
    lambda found: found["cards"][0].update(guid="' OR 1"),
    lambda found: found["cards"][0].update(stability=float("nan")),
    lambda found: found["session"].update(title=["x"]),
    lambda found: found["session"].update(tags="x"),
    lambda found: found["session"].update(title="x" * 400),
]


def test_a_manifest_that_is_wrong_makes_nothing(wiring: Wiring, other: Wiring, session_id: int, tmp_path: Path) -> None:
    path = exported(wiring, session_id, tmp_path / "heat.zip")
    with zipfile.ZipFile(path) as archive:
        content = archive.read("manifest.json")
    for spoil in _BAD:
        document = json.loads(content)
        spoil(document)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("manifest.json", json.dumps(document))
        with pytest.raises(InvalidInputError) as refused:
            brought(other, path)
        assert "is not in the zip" not in str(refused.value), document
    assert count(other) == 0
