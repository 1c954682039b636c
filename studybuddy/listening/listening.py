"""Listening: where a person stopped, what they noted at which moment, and which page belongs to it."""

from studybuddy import fields
from studybuddy.catalog import files, marks, pins
from studybuddy.catalog import listening as positions
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.listening import Position, Unfinished
from studybuddy.catalog.marks import Mark, MarkKind
from studybuddy.catalog.pins import Pin
from studybuddy.catalog.records import File, Page
from studybuddy.errors import ConflictError

MIN_RATE, MAX_RATE = 50, 300  # percent
_TEXTS = {"note": fields.note, "bookmark": fields.bookmark}


class Listening:
    """What a person does with recordings. What is not there raises NotFoundError."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def position(self, file_id: int) -> Position:
        """Return where the person stopped, at the beginning when they never began; with the speed they like."""
        with self._catalog.read() as db:
            file = files.get(db, file_id)
            kept, rate = positions.position(db, file_id), positions.rate(db)
        if kept is None:
            return Position(file.id, 0, file.duration_ms or 0, rate, file.created_at)
        return Position(file.id, kept.at_ms, kept.duration_ms or file.duration_ms or 0, rate, kept.updated_at)

    def keep_position(self, file_id: int, *, at_ms: int, duration_ms: int = 0, rate_percent: int = 100) -> None:
        """Keep where the person is now, and how fast they listen."""
        with self._catalog.write() as db:
            file = _recording(files.get(db, file_id))
            known = duration_ms or file.duration_ms or 0
            positions.keep(db, file_id=file.id, at_ms=at_ms, duration_ms=known, rate_percent=rate_percent)

    def unfinished(self, *, limit: int) -> list[Unfinished]:
        """Return what the person can go on with, what they listened to last first."""
        with self._catalog.read() as db:
            return positions.unfinished(db, limit=limit)

    def marks(self, kind: MarkKind, file_id: int, *, limit: int = 500, after: str | None = None) -> Page[Mark]:
        """Return a part of a recording's notes or bookmarks, in the order of their moments."""
        with self._catalog.read() as db:
            files.get(db, file_id)
            return marks.of_file(db, kind, file_id, limit=limit, after=after)

    def add_mark(self, kind: MarkKind, file_id: int, *, at_ms: int, text: str = "") -> Mark:
        """Note something, or set a bookmark, at a moment of a recording."""
        tidy = _TEXTS[kind](text)
        with self._catalog.write() as db:
            file = _recording(files.get(db, file_id))
            return marks.get(db, kind, marks.insert(db, kind, file_id=file.id, at_ms=at_ms, text=tidy))

    def change_mark(self, kind: MarkKind, mark_id: int, *, at_ms: int | None = None, text: str | None = None) -> Mark:
        """Change the text or the moment of a note or a bookmark; None leaves it as it is."""
        row: dict[str, str | int] = {} if text is None else {"text": _TEXTS[kind](text)}
        if at_ms is not None:
            row["at_ms"] = at_ms
        with self._catalog.write() as db:
            marks.get(db, kind, mark_id)
            if row:
                marks.update(db, kind, mark_id, **row)
            return marks.get(db, kind, mark_id)

    def delete_mark(self, kind: MarkKind, mark_id: int) -> None:
        """Delete a note or a bookmark."""
        with self._catalog.write() as db:
            marks.get(db, kind, mark_id)
            marks.delete(db, kind, mark_id)

    def pins(self, file_id: int, *, document_id: int | None = None) -> list[Pin]:
        """Return the pages that are pinned to a recording, if asked those of one document alone."""
        with self._catalog.read() as db:
            files.get(db, file_id)
            return pins.of_file(db, file_id, document_id=document_id)

    def pin(self, file_id: int, *, document_id: int, page: int, at_ms: int) -> Pin:
        """Pin a page of a document to a moment of a recording."""
        with self._catalog.write() as db:
            file, document = _recording(files.get(db, file_id)), files.get(db, document_id)
            if document.kind != "document":
                raise ConflictError(f"“{document.name}” is no document", fix="Choose one whose pages can be shown.")
            return pins.get(db, pins.put(db, file_id=file.id, document_id=document.id, page=page, at_ms=at_ms))

    def unpin(self, pin_id: int) -> None:
        """Take a page off its moment."""
        with self._catalog.write() as db:
            pins.get(db, pin_id)
            pins.delete(db, pin_id)


def _recording(file: File) -> File:
    if file.kind != "audio":
        raise ConflictError(f"“{file.name}” is no recording", fix="Choose a recording.")
    return file
