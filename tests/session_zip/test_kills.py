"""Kill the process that brings a session in, at any line: the session is there whole, or not at all."""

import io
import shutil
from pathlib import Path

import pytest

from studybuddy.adding.new_files import NewFile
from studybuddy.catalog import files
from studybuddy.session_zip import packing
from studybuddy.session_zip.looking import look
from studybuddy.session_zip.unpacking import bring
from tests import samples
from tests.invariants import check_at_rest
from tests.killing import count_lines, die_at_line, in_child, survives
from tests.session_zip.zips import add, count, open_at, told


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The zip of a session with a recording, a document, a note and a card."""
    wiring = open_at(tmp_path / "from")
    wiring.library.create_session("Heat", tags=["b"])
    recording = add(wiring, "week 1.wav", samples.wav(5, hertz=100))
    add(wiring, "notes.txt", b"words")
    wiring.listening.add_mark("note", recording, at_ms=1500, text="why")
    wiring.cards.add("What is heat?", "Energy", session_id=1)
    path = tmp_path / "heat.zip"
    path.write_bytes(b"".join(packing.pieces(wiring.library, look(wiring.library, 1))))
    wiring.close()
    return path


def brought(folder: Path, path: Path) -> None:
    wiring = open_at(folder)
    try:
        bring(wiring.library, wiring.spool, path)
    finally:
        wiring.close()


def check(folder: Path, *, sessions: set[int]) -> int:
    """Start anew; return how many sessions are there, each of them whole."""
    wiring = open_at(folder)
    try:
        wiring.recovery.run()
        check_at_rest(wiring)
        found = count(wiring)
        assert found in sessions
        for session_id in range(1, 10) if found else ():
            with wiring.catalog.read() as db:
                held = files.in_session(db, session_id)
            if held:
                known = told(wiring, session_id)
                assert (len(held), len(known["marks"]), len(known["cards"])) == (2, 1, 1)
        with wiring.catalog.read() as db:
            assert db.execute("SELECT count(*) FROM arrivals").fetchone()[0] == 0
            assert db.execute("SELECT count(*) FROM files").fetchone()[0] == 2 * found
        return found
    finally:
        wiring.close()


@pytest.mark.parametrize("step", [pytest.param(211, id="sampled"), pytest.param(5, id="many", marks=pytest.mark.slow)])
def test_a_kill_at_any_line_leaves_no_half_session(step: int, tmp_path: Path, path: Path) -> None:
    template, folder = tmp_path / "template", tmp_path / "library"
    open_at(template).close()
    shutil.copytree(template, folder)
    first = count_lines(lambda: open_at(folder).close(), die_at=None)
    last = count_lines(lambda: brought(folder, path), die_at=None)
    assert last > first + 1000
    for line in range(first // 2, last + 1, step):
        shutil.rmtree(folder)
        shutil.copytree(template, folder)
        survives(lambda: brought(folder, path), die_at=line)
        found = check(folder, sessions={0, 1})
        brought(folder, path)
        check(folder, sessions={found + 1})


def test_what_a_person_put_into_it_meanwhile_is_not_lost(tmp_path: Path, path: Path) -> None:
    folder = tmp_path / "library"
    open_at(folder).close()

    def interrupted() -> None:
        wiring = open_at(folder)

        def on_file(done: int, of: int) -> None:
            wiring.library.add(io.BytesIO(b"my own"), NewFile(f"own {done}.txt", 1))

        bring(wiring.library, wiring.spool, path, on_file=on_file)

    source = Path(bring.__code__.co_filename)
    line = next(number for number, text in enumerate(source.read_text().splitlines(), 1) if "arrivals.end(" in text)
    assert not in_child(lambda: die_at_line(interrupted, (str(source), line)))
    wiring = open_at(folder)
    wiring.recovery.run()
    with wiring.catalog.read() as db:
        names = [file.name for file in files.in_session(db, 1)]
    assert {"own 1.txt", "own 2.txt"} <= set(names)
    check_at_rest(wiring)
    wiring.close()


def test_an_import_that_is_stopped_leaves_nothing(tmp_path: Path, path: Path) -> None:
    wiring = open_at(tmp_path / "library")

    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring(wiring.library, wiring.spool, path, on_file=stop)
    assert count(wiring) == 0
    check_at_rest(wiring)
    wiring.close()
