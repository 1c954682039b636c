"""What a session's zip will hold, as the catalog tells it at one moment."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from studybuddy.cards import exports
from studybuddy.catalog import Database, cards, carried, files, lectures, marks, sessions
from studybuddy.catalog.records import File, Session
from studybuddy.errors import ConflictError, UnavailableError
from studybuddy.library import Library
from studybuddy.listening import mark_exports
from studybuddy.names import safe_name, shown_name
from studybuddy.session_zip.manifest import About, CardEntry, FileEntry, LectureEntry, Manifest, MarkEntry, PinEntry
from studybuddy.units import utc_now

_LONGEST_NAME = 120  # characters


@dataclass(frozen=True, slots=True)
class Packed:
    """What a zip will hold."""

    session: Session
    files: list[File]
    manifest: Manifest  # without its transcripts, which are made on the way
    transcripts: list[tuple[int, int | None]]  # ids of files, and of those that they were read from
    texts: dict[str, bytes]  # for people: what is in the manifest, in forms that other programs open

    @property
    def name(self) -> str:
        """What the zip is called."""
        return f"{safe_name(self.session.title)[:_LONGEST_NAME].rstrip('. ')}.zip"

    @property
    def size(self) -> int:
        """How many bytes its files have."""
        return sum(file.size for file in self.files)


def look(library: Library, session_id: int) -> Packed:
    """Look what a session's zip will hold; raise UnavailableError when one of its files cannot be opened now."""
    with library.catalog.read() as db:
        session = sessions.get(db, session_id)
        if session.trashed_at:
            raise ConflictError(f"The session “{session.title}” is in the trash", fix="Restore it first.")
        held = files.in_session(db, session_id)
        packed = Packed(
            session=session,
            files=held,
            manifest=_Gathering(db, session, held).manifest(),
            transcripts=carried.transcripts(db, [file.id for file in held]),
            texts=_texts(db, session),
        )
    _check_open(library, held)
    return packed


class Names:
    """Names in a folder of the zip that any file system takes, each once, whatever its case."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._taken: set[str] = set()

    def new(self, name: str) -> str:
        path, number = PurePath(safe_name(name)), 1
        chosen = path.name
        while chosen.casefold() in self._taken:
            number += 1
            chosen = f"{path.stem} ({number}){path.suffix}"
        self._taken.add(chosen.casefold())
        return f"{self._folder}/{chosen}"


class _Gathering:
    """The rows of a session, with numbers in place of ids."""

    def __init__(self, db: Database, session: Session, held: list[File]) -> None:
        self._db = db
        self._session = session
        self._held = held
        self._taught = lectures.in_session(db, session.id)
        self._files = {file.id: number for number, file in enumerate(held)}
        self._lectures = {lecture.id: number for number, lecture in enumerate(self._taught)}

    def manifest(self) -> Manifest:
        about = self._session
        return Manifest(
            exported_at=utc_now(),
            session=About(about.title, about.subject, about.description, [*about.tags]),
            files=[*self._file_rows()],
            lectures=[
                LectureEntry(lecture.title, lecture.recorded_on, self._files.get(lecture.audio_file_id or 0))
                for lecture in self._taught
            ],
            marks=[*self._marks()],
            pins=[*self._pins()],
            transcripts=[],
            cards=[*self._cards()],
        )

    def _file_rows(self) -> Iterator[FileEntry]:
        names = Names("files")
        for file in self._held:
            entry = names.new(file.name)
            yield FileEntry(entry, file.name, file.kind, file.size, file.sha256, file.created_at, file.origin_url)

    def _marks(self) -> Iterator[MarkEntry]:
        for mark in carried.marks(self._db, file_ids=[*self._files], lecture_ids=[*self._lectures]):
            owners = self._files.get(mark.file_id or 0), self._lectures.get(mark.lecture_id or 0)
            yield MarkEntry(mark.kind, *owners, mark.at_ms, mark.text, mark.created_at, mark.updated_at)

    def _pins(self) -> Iterator[PinEntry]:
        for pin in carried.pins(self._db, [*self._files]):
            places = self._files[pin.file_id], self._files[pin.document_id]
            yield PinEntry(*places, pin.page, pin.at_ms, pin.created_at)

    def _cards(self) -> Iterator[CardEntry]:
        for card in cards.all_of(self._db, session_id=self._session.id):
            memory = card.memory
            yield CardEntry(
                guid=card.guid, file=self._files.get(card.file_id or 0), page=card.page, at_ms=card.at_ms,
                front=card.front, back=card.back, stage=memory.stage, step=memory.step, stability=memory.stability,
                difficulty=memory.difficulty, due_at=memory.due_at, reviewed_at=memory.reviewed_at,
                created_at=card.created_at, updated_at=card.updated_at,
            )  # fmt: skip


def _texts(db: Database, session: Session) -> dict[str, bytes]:
    notes = io.StringIO()
    mark_exports.write(marks.told(db, session_id=session.id), notes, "markdown")
    made = [*cards.all_of(db, session_id=session.id)]
    texts = {
        "session.md": _about(session),
        "notes.md": notes.getvalue().encode(),
        "cards.csv": exports.as_bytes(made, "csv") if made else b"",
    }
    return {name: text for name, text in texts.items() if text}


def _about(session: Session) -> bytes:
    head = [f"# {mark_exports.escaped(session.title)}", mark_exports.escaped(session.subject), ", ".join(session.tags)]
    return ("\n\n".join(text for text in (*head, session.description) if text.strip()) + "\n").encode()


def _check_open(library: Library, held: list[File]) -> None:
    away = library.elsewhere(held)
    for file in held:
        if file.id in away and away[file.id].label is None:
            raise UnavailableError(
                f"{shown_name(file.name)} cannot be opened now: {away[file.id].reason}",
                fix="Export the session when its storage answers again.",
            )
