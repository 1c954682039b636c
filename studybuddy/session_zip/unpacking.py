"""A session on its way in: made anew from its zip, each file whole or not at all."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePath
from typing import cast

from studybuddy import fields, removal
from studybuddy.adding.new_files import Added, NewFile
from studybuddy.adding.spool import Spool
from studybuddy.catalog import Database, arrivals, cards, carried, lectures, origins, sessions
from studybuddy.catalog.carried import MarkRow, PinRow
from studybuddy.catalog.marks import MarkKind
from studybuddy.catalog.records import File, Session
from studybuddy.errors import StudyBuddyError
from studybuddy.library import Library
from studybuddy.session_zip import plain, vtt
from studybuddy.session_zip.manifest import CardEntry, FileEntry, Manifest, MarkEntry, TranscriptEntry
from studybuddy.session_zip.opened import OpenedZip, open_zip

OnFile = Callable[[int, int], object]  # told how many files of how many are done


@dataclass(frozen=True, slots=True)
class Failed:
    """A part of a zip that could not be brought in, and why."""

    name: str
    error: StudyBuddyError


@dataclass(slots=True)
class Brought:
    """What came of a zip."""

    session: Session
    added: list[Added] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    marks: int = 0
    lost_marks: int = 0  # of recordings that could not be brought in
    cards: int = 0


def bring(library: Library, spool: Spool, path: Path, *, on_file: OnFile = lambda done, of: None) -> Brought:
    """Make a session from its zip; a file that is damaged, or cannot be saved, is told and left out.

    Nothing is made when the zip is none, means harm, or gives not one of its files, nor when it is stopped or cannot
    be brought to its end: then what was wrong is raised. After a kill, the next start drops what was made.
    """
    with open_zip(path) as opened:
        manifest = _tidy(opened.manifest)
        spool.check_room(max((row.size for row in manifest.files), default=0))
        return _Bringing(library, opened, manifest).run(on_file)


class _Bringing:
    """One zip on its way in."""

    def __init__(self, library: Library, opened: OpenedZip, manifest: Manifest) -> None:
        self._library = library
        self._opened = opened
        self._manifest = manifest
        self._files: dict[int, File] = {}  # what came, by its number in the manifest
        self._lectures: list[int] = []  # their ids

    def run(self, on_file: OnFile) -> Brought:
        about = self._manifest.session
        made = self._library.create_session(
            about.title, subject=about.subject, description=about.description, tags=about.tags,
            arriving={one.sha256 for one in self._manifest.files} | {one.sha256 for one in self._manifest.transcripts},
        )  # fmt: skip
        brought = Brought(made)
        try:
            self._make_lectures(made.id)
            self._add_files(brought, on_file)
            spoken = [*self._transcripts(brought)]
            with self._library.catalog.write() as db:
                self._settle(db, brought, spoken)
                arrivals.end(db, made.id)
                brought.session = sessions.get(db, made.id)
        except BaseException:
            self._take_back(made.id)
            raise
        return brought

    def _take_back(self, session_id: int) -> None:
        with self._library.catalog.write() as db:
            doomed = removal.drop_arrival(db, session_id)
        removal.remove(self._library.catalog, self._library.storages(), doomed)

    def _make_lectures(self, session_id: int) -> None:
        with self._library.catalog.write() as db:
            self._lectures = [
                lectures.insert(db, session_id=session_id, title=row.title, recorded_on=row.recorded_on)
                for row in self._manifest.lectures
            ]

    def _add_files(self, brought: Brought, on_file: OnFile) -> None:
        rows = self._manifest.files
        with self._library.catalog.read() as db:
            known = origins.known(db, [row.origin_url for row in rows if row.origin_url])
        for number, row in enumerate(rows):
            new = NewFile(
                row.name, brought.session.id, lecture_id=self._lecture_of(number), created_at=row.created_at,
                origin_url=None if row.origin_url in known else row.origin_url,
            )  # fmt: skip
            try:
                self._files[number] = self._add(new, row, brought)
            except StudyBuddyError as error:
                brought.failed.append(Failed(row.name, error))
            on_file(number + 1, len(rows))
        if rows and not brought.added:
            raise brought.failed[0].error

    def _add(self, new: NewFile, row: FileEntry | TranscriptEntry, brought: Brought) -> File:
        with self._opened.open(row.entry, size=row.size, sha256=row.sha256) as stream:
            brought.added.append(self._library.add(stream, new))
        return brought.added[-1].file

    def _lecture_of(self, number: int | None) -> int | None:
        """Return the id of the first lecture whose recording a file is."""
        rows = zip(self._lectures, self._manifest.lectures, strict=True)
        return next((lecture_id for lecture_id, row in rows if row.recording == number), None)

    def _transcripts(self, brought: Brought) -> Iterator[tuple[TranscriptEntry, int, bytes]]:
        """Yield each transcript with the id of the file that it was read from; one without becomes a file."""
        for row in self._manifest.transcripts:
            source = self._files.get(row.file if row.source is None else row.source)
            if source is None or row.file not in self._files:
                continue
            try:
                if row.source is None:
                    source = self._add_captions(row, brought)
                yield row, source.id, self._opened.text(row.entry, size=row.size, sha256=row.sha256)
            except StudyBuddyError as error:
                brought.failed.append(Failed(row.entry, error))

    def _add_captions(self, row: TranscriptEntry, brought: Brought) -> File:
        # What a recording's own reading found would be gone when it is read again; captions stay.
        name = PurePath(self._files[row.file].name).stem + PurePath(row.entry).suffix
        return self._add(NewFile(name, brought.session.id), row, brought)

    def _settle(self, db: Database, brought: Brought, spoken: list[tuple[TranscriptEntry, int, bytes]]) -> None:
        """Write what belongs to the files that came."""
        self._give_recordings(db)
        owners = [(mark, self._owner(mark)) for mark in self._manifest.marks]
        rows = [_mark_row(mark, *owner) for mark, owner in owners if owner is not None]
        carried.insert_marks(db, rows)
        brought.marks, brought.lost_marks = len(rows), len(owners) - len(rows)
        carried.insert_pins(db, self._pins())
        for card in self._manifest.cards:
            self._insert_card(db, card, brought.session.id)
        brought.cards = len(self._manifest.cards)
        for row, source_id, text in spoken:
            form = plain if row.entry.endswith(plain.SUFFIX) else vtt
            carried.insert_cues(db, self._files[row.file].id, source_id, form.loaded(text))

    def _insert_card(self, db: Database, card: CardEntry, session_id: int) -> None:
        file = None if card.file is None else self._files.get(card.file)
        columns = asdict(card)
        del columns["file"]
        if cards.has(db, card.guid):  # the session is here already: these are cards of their own
            columns["guid"] = uuid.uuid4().hex
        cards.insert(db, session_id=session_id, file_id=file.id if file else None, **columns)

    def _give_recordings(self, db: Database) -> None:
        """Let each recording have the lectures that the zip says: more than one, or none."""
        for number, file in self._files.items():
            if file.kind == "audio" and self._lecture_of(number) is None:
                lectures.delete_of_file(db, file.id)
        for lecture_id, row in zip(self._lectures, self._manifest.lectures, strict=True):
            if (recording := self._recording(row.recording)) is not None:
                lectures.update(db, lecture_id, audio_file_id=recording)

    def _recording(self, number: int | None) -> int | None:
        file = None if number is None else self._files.get(number)
        return file.id if file is not None and file.kind == "audio" else None

    def _owner(self, mark: MarkEntry) -> tuple[int | None, int | None] | None:
        """Return the file or else the lecture that a mark belongs to; None when neither came."""
        if mark.lecture is not None:
            return None, self._lectures[mark.lecture]
        recording = self._recording(mark.file)
        if recording is not None:
            return recording, None
        lecture_id = self._lecture_of(mark.file)
        return None if lecture_id is None else (None, lecture_id)

    def _pins(self) -> Iterator[PinRow]:
        for pin in self._manifest.pins:
            recording, document = self._recording(pin.file), self._files.get(pin.document)
            if recording is not None and document is not None and document.kind == "document":
                yield PinRow(recording, document.id, max(1, pin.page), pin.at_ms, pin.created_at)


def _mark_row(mark: MarkEntry, file_id: int | None, lecture_id: int | None) -> MarkRow:
    kind = cast(MarkKind, mark.kind)
    return MarkRow(kind, file_id, lecture_id, mark.at_ms, mark.text, mark.created_at, mark.updated_at)


def _tidy(manifest: Manifest) -> Manifest:
    """Return a manifest whose texts are as people may type them; raise InvalidInputError for one that is not."""
    return replace(
        manifest,
        lectures=[
            replace(row, title=fields.title(row.title), recorded_on=row.recorded_on and fields.day(row.recorded_on))
            for row in manifest.lectures
        ],
        marks=[
            replace(row, text=fields.note(row.text) if row.kind == "note" else fields.bookmark(row.text))
            for row in manifest.marks
        ],
        cards=[
            replace(
                row, front=fields.card_side(row.front, "front"), back=fields.card_side(row.back, "back"),
                page=row.page or None,
            )
            for row in manifest.cards
        ],
    )  # fmt: skip
