"""Copies: which objects hold a file's bytes, and how far each is."""

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlite_utils import Database

from studybuddy.catalog.many import next_ids, rows_at_once
from studybuddy.catalog.records import Copy
from studybuddy.errors import NotFoundError
from studybuddy.units import utc_now

_COLUMNS = "id, file_id, storage_id, key, state, writer, resumable"
_UNSETTLED = "state IN ('writing', 'doomed', 'bad')"  # as their index has it, which is not used otherwise


class Switch(NamedTuple):
    """A file that is to go on with another copy."""

    file_id: int
    source_copy_id: int
    target_copy_id: int


def insert(db: Database, *, file_id: int, storage_id: int, key: str, writer: str) -> int:
    """Note that `writer` is about to write an object; return the copy's id."""
    return insert_all(db, [(file_id, key)], storage_id=storage_id, writer=writer)[0]


def insert_all(
    db: Database, objects: Sequence[tuple[int, str] | tuple[int, str, bool]], *, storage_id: int, writer: str
) -> range:
    """Note that `writer` is about to write objects; return the copies' ids.

    Each is a file's id, a key, and whether what comes of it may be kept for the next writer (if not given: not).
    """
    ids = next_ids(db, "copies", len(objects))
    db.execute(
        """INSERT INTO copies (id, file_id, key, resumable, storage_id, state, writer, created_at)
        SELECT ? + json_each.key, value ->> 0, value ->> 1, coalesce(value ->> 2, 0), ?, 'writing', ?, ?
        FROM json_each(?)""",
        [ids.start, storage_id, writer, utc_now(), json.dumps(objects)],
    )
    return ids


def take_over(db: Database, copy_ids: Sequence[int], writer: str | None) -> None:
    """Note that `writer` goes on with copies that nobody writes any more; None: that nobody does for now."""
    db.execute(
        "UPDATE copies SET writer = ? WHERE id IN (SELECT value FROM json_each(?)) AND state = 'writing'",
        [writer, json.dumps(copy_ids)],
    )


def get(db: Database, copy_id: int) -> Copy | None:
    """Return one copy, or None."""
    row = db.execute(f"SELECT {_COLUMNS} FROM copies WHERE id = ?", [copy_id]).fetchone()
    return Copy(*row) if row else None


def of_file(db: Database, file_id: int) -> list[Copy]:
    """Return every copy of a file, oldest first."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM copies WHERE file_id = ? ORDER BY id", [file_id]).fetchall()
    return [Copy(*row) for row in rows]


def settle_all(db: Database, copy_ids: Sequence[int]) -> list[int]:
    """Turn copies that were being written into their files' verified, current ones; return those that still were."""
    marks = ", ".join("?" * len(copy_ids))
    rows = db.execute(
        f"""UPDATE copies SET state = 'verified', writer = NULL, verified_at = ?
        WHERE id IN ({marks}) AND state = 'writing' RETURNING id""",
        [utc_now(), *copy_ids],
    ).fetchall()
    settled = [int(row[0]) for row in rows]
    marks = ", ".join("?" * len(settled))
    db.execute(
        # The place is right for a first copy; triggers see to all others.
        f"""UPDATE files SET current_copy_id = copies.id, storage_id = copies.storage_id, place = copies.storage_id
        FROM copies WHERE copies.id IN ({marks}) AND files.id = copies.file_id""",
        settled,
    )
    return settled


def switch(db: Database, *, file_id: int, source_copy_id: int, target_copy_id: int) -> bool:
    """Make a whole copy its file's verified, current one, if the source copy still is; tell whether it was."""
    return bool(switch_all(db, [Switch(file_id, source_copy_id, target_copy_id)]))


def switch_all(db: Database, moves: Sequence[Switch]) -> set[int]:
    """Make whole copies their files' verified, current ones, where the source copies still are; return these files."""
    moved = rows_at_once(
        db,
        """SELECT json_array(files.id, target.id) AS value FROM json_each(?) AS given
        CROSS JOIN files ON files.id = given.value ->> 0 AND files.current_copy_id = given.value ->> 1
        CROSS JOIN copies AS target ON target.id = given.value ->> 2 AND target.file_id = files.id
            AND target.state IN ('writing', 'verified')""",
        [json.dumps(moves)],
    )
    given = json.dumps(moved)
    db.execute(
        """UPDATE copies SET state = 'verified', writer = NULL, verified_at = ?
        WHERE id IN (SELECT value ->> 1 FROM json_each(?)) AND state = 'writing'""",
        [utc_now(), given],
    )
    db.execute(
        # Its storage is written as well: what a trigger need not do is done in a third of the time.
        """UPDATE files SET current_copy_id = copies.id, storage_id = copies.storage_id
        FROM json_each(?) AS moved JOIN copies ON copies.id = moved.value ->> 1 WHERE files.id = moved.value ->> 0""",
        [given],
    )
    return {file_id for file_id, _ in moved}


def confirm(db: Database, copy_id: int) -> bool:
    """Turn a copy that is whole into a verified one, which need not be the current one; tell whether it can be."""
    cursor = db.execute(
        """UPDATE copies SET state = 'verified', writer = NULL, verified_at = ?
        WHERE id = ? AND state IN ('writing', 'verified') AND file_id IS NOT NULL""",
        [utc_now(), copy_id],
    )
    return cursor.rowcount == 1


def kept_for_outbox(db: Database, file_id: int, *, storage_id: int) -> Copy | None:
    """Return the copy of a file that the outbox goes on with; what a migration has begun is the migration's alone."""
    row = db.execute(
        f"""SELECT {_COLUMNS} FROM copies WHERE file_id = ? AND storage_id = ? AND state = 'writing' AND resumable
        AND NOT EXISTS (SELECT 1 FROM migrations CROSS JOIN migration_items AS item
            ON item.migration_id = migrations.id AND item.file_id = copies.file_id
            WHERE item.target_copy_id = copies.id)""",
        [file_id, storage_id],
    ).fetchone()
    return Copy(*row) if row else None


def is_gone_on_with(db: Database, copy_id: int, *, since: str) -> bool:
    """Tell whether a migration that was begun, or the outbox, goes on with what came of a copy begun after `since`."""
    row = db.execute(
        """SELECT EXISTS (SELECT 1 FROM copies JOIN files ON files.id = copies.file_id
        WHERE copies.id = ? AND copies.resumable AND copies.created_at > ? AND files.current_copy_id IS NOT NULL
        AND (files.wanted_storage_id = copies.storage_id OR EXISTS (
            SELECT 1 FROM migrations CROSS JOIN migration_items AS item
            ON item.migration_id = migrations.id AND item.file_id = files.id
            WHERE migrations.state IN ('running', 'paused')
            AND item.target_copy_id = copies.id AND item.state IN ('todo', 'copying'))))""",
        [copy_id, since],
    ).fetchone()
    return bool(row[0])


def heal(db: Database, copy_id: int) -> bool:
    """Note that a bad copy has been read and is whole; tell whether it still was bad."""
    cursor = db.execute(
        "UPDATE copies SET state = 'verified', verified_at = ? WHERE id = ? AND state = 'bad'", [utc_now(), copy_id]
    )
    return cursor.rowcount == 1


def holding(db: Database, sha256: str, size: int, *, limit: int = 20) -> list[Copy]:
    """Return verified copies of any file with these bytes."""
    rows = db.execute(
        """SELECT copies.id, copies.file_id, copies.storage_id, copies.key, copies.state, copies.writer
        FROM files CROSS JOIN copies ON copies.file_id = files.id
        WHERE files.sha256 = ? AND files.size = ? AND copies.state = 'verified' ORDER BY copies.id LIMIT ?""",
        [sha256, size, limit],
    ).fetchall()
    return [Copy(*row) for row in rows]


def stand_in(db: Database, file_id: int, *, storage_id: int, key: str) -> int:
    """Write the row of a file's current copy anew, as bad, where it has been lost; return its id."""
    db.execute(
        """INSERT INTO copies (id, file_id, storage_id, key, state, created_at)
        SELECT current_copy_id, id, ?, ?, 'bad', ? FROM files WHERE id = ?""",
        [storage_id, key, utc_now(), file_id],
    )
    return int(db.execute("SELECT current_copy_id FROM files WHERE id = ?", [file_id]).fetchone()[0])


def doom(db: Database, copy_id: int) -> None:
    """Mark a copy whose object is to be deleted, by one who knows that nobody writes it any more."""
    db.execute("UPDATE copies SET state = 'doomed', writer = NULL WHERE id = ?", [copy_id])


def spoil(db: Database, copy_id: int) -> None:
    """Mark a verified copy whose bytes turned out not to be its file's, or not to be there."""
    db.execute("UPDATE copies SET state = 'bad' WHERE id = ? AND state = 'verified'", [copy_id])


def doom_all_of(db: Database, file_id: int) -> None:
    """Mark every copy of a file for deletion. One that is still being written keeps its writer, who lets go of it."""
    db.execute("UPDATE copies SET state = 'doomed' WHERE file_id = ?", [file_id])


def doom_spare(db: Database, copy_id: int) -> list[Copy]:
    """Doom a copy of which its file has another, current one; return it, or nothing when the file needs it."""
    cursor = db.execute(
        """UPDATE copies SET state = 'doomed', writer = NULL WHERE id = ? AND state IN ('verified', 'bad')
        AND NOT EXISTS (SELECT 1 FROM files WHERE files.current_copy_id = copies.id)""",
        [copy_id],
    )
    found = get(db, copy_id) if cursor.rowcount == 1 else None
    return [found] if found else []


def forget(db: Database, copy_id: int) -> None:
    """Drop the row of a doomed copy whose object is gone."""
    db.execute("DELETE FROM copies WHERE id = ? AND state = 'doomed'", [copy_id])


def in_state(db: Database, state: str) -> Iterator[Copy]:
    """Return the copies that are `writing`, `doomed` or `bad`, oldest first."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM copies WHERE state = ? AND {_UNSETTLED} ORDER BY id", [state]).fetchall()
    return (Copy(*row) for row in rows)


def to_delete(db: Database) -> dict[int, int]:
    """Return how many objects each storage still holds that are to be deleted, by the storage's id."""
    return dict(
        db.execute(
            f"SELECT storage_id, count(*) FROM copies WHERE state = 'doomed' AND {_UNSETTLED} GROUP BY storage_id"
        ).fetchall()
    )


def current(db: Database, file_id: int) -> Copy:
    """Return the current copy of an acknowledged file; raise NotFoundError when there is no such file."""
    copy = current_or_none(db, file_id)
    if copy is None:
        raise NotFoundError(f"There is no file {file_id}", fix="Look for it on the sessions page, or in the trash.")
    return copy


def current_or_none(db: Database, file_id: int) -> Copy | None:
    """Return the current copy of a file, None while it has none."""
    row = db.execute(
        """SELECT copies.id, copies.file_id, copies.storage_id, copies.key, copies.state, copies.writer FROM files
        JOIN copies ON copies.id = files.current_copy_id WHERE files.id = ?""",
        [file_id],
    ).fetchone()
    return Copy(*row) if row else None
