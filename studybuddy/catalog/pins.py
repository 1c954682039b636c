"""Pins: from which moment of a recording on which page of a document is shown beside it."""

from dataclasses import dataclass

from sqlite_utils import Database

from studybuddy.errors import NotFoundError
from studybuddy.units import utc_now

_COLUMNS = "id, file_id, document_id, page, at_ms, created_at"
_MOST = 5000  # of one recording


@dataclass(frozen=True, slots=True)
class Pin:
    """A page of a document at a moment of a recording."""

    id: int
    file_id: int
    document_id: int
    page: int  # from 1
    at_ms: int
    created_at: str


def put(db: Database, *, file_id: int, document_id: int, page: int, at_ms: int) -> int:
    """Pin a page to a moment, in place of the page that was there; return the pin's id."""
    (pin_id,) = db.execute(
        """INSERT INTO pins (file_id, document_id, page, at_ms, created_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET page = excluded.page RETURNING id""",
        [file_id, document_id, page, at_ms, utc_now()],
    ).fetchone()
    return int(pin_id)


def get(db: Database, pin_id: int) -> Pin:
    """Return one pin; raise NotFoundError when there is none."""
    row = db.execute(f"SELECT {_COLUMNS} FROM pins WHERE id = ?", [pin_id]).fetchone()
    if row is None:
        raise NotFoundError(f"There is no pin {pin_id}", fix="Open its recording and choose it there.")
    return Pin(*row)


def delete(db: Database, pin_id: int) -> None:
    """Drop one pin."""
    db.execute("DELETE FROM pins WHERE id = ?", [pin_id])


def of_file(db: Database, file_id: int, *, document_id: int | None = None) -> list[Pin]:
    """Return a recording's pins, if asked of one document alone, in the order of their moments."""
    rows = db.execute(
        f"""SELECT {_COLUMNS} FROM pins WHERE file_id = ? AND document_id = ifnull(?, document_id)
        ORDER BY at_ms, id LIMIT ?""",
        [file_id, document_id, _MOST],
    ).fetchall()
    return [Pin(*row) for row in rows]


def document_of(db: Database, file_id: int) -> int | None:
    """Return the live document that has the most pages pinned to a recording, or None."""
    row = db.execute(
        """SELECT document_id FROM pins JOIN files ON files.id = document_id WHERE file_id = ? AND trashed_at IS NULL
        GROUP BY document_id ORDER BY count(*) DESC, document_id LIMIT 1""",
        [file_id],
    ).fetchone()
    return int(row[0]) if row else None
