"""Sessions that leave as zips and come back, and what a person knows of them."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studybuddy.adding.new_files import NewFile
from studybuddy.catalog import contents, files, lectures, lists, marks
from studybuddy.catalog.lists import SessionFilter
from studybuddy.processing.results import Cue
from studybuddy.session_zip import packing
from studybuddy.session_zip.looking import look
from studybuddy.session_zip.unpacking import Brought, bring
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all

CUES = [Cue(1_000, 2_500, "Heat is <energy> & so on\nin transit"), Cue(4_000_000, 4_000_001, "größer --> 語")]


def open_at(folder: Path) -> Wiring:
    environ = {"UPLOADS_DIR": f"{folder}/uploads", "STUDY_BUDDY_DATA": f"{folder}/data", "MAX_UPLOAD_MB": "8"}
    return open_all(load_settings(environ, env_file=folder / "no.env"))


def add(wiring: Wiring, name: str, content: bytes, session_id: int = 1) -> int:
    return wiring.library.add(io.BytesIO(content), NewFile(name, session_id)).file.id


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


def rewritten(path: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    """Make the zip anew with other entries; None leaves one out."""
    with zipfile.ZipFile(path) as archive:
        held = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in filter(None, (change(*one) for one in held)):
            archive.writestr(name, content)
    return path
