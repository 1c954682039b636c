"""What the catalog keeps, as lines of JSON from which it can be made again; ids stay what they are."""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from sqlite_utils import Database

from studybuddy.catalog import backups, storages, tags
from studybuddy.catalog.connection import Catalog
from studybuddy.errors import CatalogError

Json = dict[str, Any]

FORMAT = 1
_AT_ONCE = 5000  # lines in one transaction

# Those of a recording that is still being added belong to its lecture.
_MARKS = """SELECT json_object('id', {table}.id, 'file_id', files.id, 'lecture_id', iif(files.id IS NULL,
            coalesce(lecture_id, (SELECT min(id) FROM lectures WHERE audio_file_id = file_id)), NULL),
        'at_ms', at_ms, 'text', text, 'created_at', {table}.created_at, 'updated_at', updated_at)
    FROM {table} LEFT JOIN files ON files.id = file_id AND current_copy_id IS NOT NULL ORDER BY {table}.id"""
_OBJECTS = {
    "storage": """SELECT json_object('url', url, 'label', label, 'base_url', base_url, 'region', region)
        FROM storages ORDER BY id""",
    "session": """SELECT json_object('id', id, 'title', title, 'subject', subject, 'description', description,
            'private', private, 'created_at', created_at, 'updated_at', updated_at, 'trashed_at', trashed_at,
            'tags', (SELECT json_group_array(tags.name) FROM session_tags JOIN tags ON tags.id = tag_id
                WHERE session_id = sessions.id))
        FROM sessions ORDER BY id""",
    "file": """SELECT json_object('id', id, 'session_id', session_id, 'kind', kind, 'name', name,
            'content_type', content_type, 'size', size, 'sha256', sha256, 'duration_ms', duration_ms,
            'created_at', created_at, 'trashed_at', trashed_at, 'origin_url', origin_url,
            'wanted', (SELECT url FROM storages WHERE id = wanted_storage_id), 'wanted_reason', wanted_reason,
            'copies', (SELECT json_group_array(json_object('storage', url, 'key', key, 'state', state,
                    'current', copies.id = current_copy_id, 'verified_at', verified_at,
                    'created_at', copies.created_at))
                FROM copies JOIN storages ON storages.id = copies.storage_id
                WHERE copies.file_id = files.id AND state IN ('verified', 'bad')),
            'links', (SELECT json_group_array(json_array(links.session_id, links.created_at))
                FROM links WHERE links.file_id = files.id))
        FROM files WHERE current_copy_id IS NOT NULL ORDER BY id""",
    "lecture": """SELECT json_object('id', id, 'session_id', session_id, 'title', title, 'recorded_on', recorded_on,
            'audio_file_id', (SELECT files.id FROM files WHERE files.id = audio_file_id
                AND current_copy_id IS NOT NULL), 'created_at', created_at)
        FROM lectures ORDER BY id""",
    "note": _MARKS.format(table="notes"),
    "bookmark": _MARKS.format(table="bookmarks"),
    "pin": """SELECT json_object('file_id', file_id, 'document_id', document_id, 'page', page, 'at_ms', at_ms,
            'created_at', created_at)
        FROM pins ORDER BY id""",
    "listening": """SELECT json_object('file_id', file_id, 'at_ms', at_ms, 'duration_ms', duration_ms,
            'rate_percent', rate_percent, 'updated_at', updated_at)
        FROM listening WHERE person_id = 1 ORDER BY file_id""",
}
_INSERT_MARK = """INSERT INTO {table} (id, file_id, lecture_id, at_ms, text, created_at, updated_at)
    VALUES (:id, :file_id, :lecture_id, :at_ms, :text, :created_at, :updated_at)"""
_ROWS = {
    "session": """INSERT INTO sessions
        (id, owner_id, title, subject, description, private, created_at, updated_at, trashed_at)
        VALUES (:id, 1, :title, :subject, :description, :private, :created_at, :updated_at, :trashed_at)""",
    "file": """INSERT INTO files (id, session_id, kind, name, content_type, size, sha256, duration_ms, created_at,
            trashed_at, origin_url, wanted_storage_id, wanted_reason)
        VALUES (:id, :session_id, :kind, :name, :content_type, :size, :sha256, :duration_ms, :created_at,
            :trashed_at, :origin_url, (SELECT id FROM storages WHERE url = :wanted), :wanted_reason)""",
    "lecture": """INSERT INTO lectures (id, session_id, title, recorded_on, audio_file_id, created_at)
        VALUES (:id, :session_id, :title, :recorded_on, :audio_file_id, :created_at)""",
    "note": _INSERT_MARK.format(table="notes"),
    "bookmark": _INSERT_MARK.format(table="bookmarks"),
    "pin": """INSERT INTO pins (file_id, document_id, page, at_ms, created_at)
        VALUES (:file_id, :document_id, :page, :at_ms, :created_at)""",
    "listening": "INSERT INTO listening VALUES (1, :file_id, :at_ms, :duration_ms, :rate_percent, :updated_at)",
}
_COPY = """INSERT INTO copies (file_id, storage_id, key, state, verified_at, created_at)
    VALUES (:file_id, (SELECT id FROM storages WHERE url = :storage), :key, :state, :verified_at, :created_at)"""


def header(**told: str | int) -> bytes:
    """Return the first line: what the manifest is, and what it tells of in all."""
    return json.dumps({"manifest": {"format": FORMAT, **told}}).encode() + b"\n"


def lines(db: Database) -> Iterator[bytes]:
    """Yield a line for each thing that people keep, each behind those that it needs."""
    for what, query in _OBJECTS.items():
        for (text,) in db.execute(query):
            yield f'{{"{what}":{text}}}\n'.encode()


def read_back(catalog: Catalog, manifest: Iterable[str]) -> None:
    """Put back all that the lines of a manifest tell, into a catalog that holds nothing yet."""
    left = iter(manifest)
    while some := list(islice(left, _AT_ONCE)):
        with catalog.write() as db:
            for line in some:
                _insert(db, line)


def _insert(db: Database, line: str) -> None:
    try:
        ((what, row),) = json.loads(line).items()
        _INSERT[what](db, row)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise CatalogError(
            f"The manifest holds a line that Study Buddy does not know: {line[:80].strip()}",
            fix="Update Study Buddy, or recover from another backup.",
        ) from error


def _insert_header(db: Database, row: Json) -> None:
    if row["format"] != FORMAT:
        raise CatalogError("The manifest was made by a newer Study Buddy", fix="Update Study Buddy, then try again.")
    backups.set_library_id(db, row["library"])


def _insert_storage(db: Database, row: Json) -> None:
    storages.register(db, **row)


def _insert_session(db: Database, row: Json) -> None:
    db.execute(_ROWS["session"], row)
    tags.add(db, row["id"], row["tags"])


def _insert_file(db: Database, row: Json) -> None:
    db.execute(_ROWS["file"], row)
    for copy in row["copies"]:
        copy_id = db.execute(_COPY, copy | {"file_id": row["id"]}).lastrowid
        if copy["current"]:
            db.execute("UPDATE files SET current_copy_id = ? WHERE id = ?", [copy_id, row["id"]])
    for session_id, created_at in row["links"]:
        db.execute("INSERT INTO links VALUES (?, ?, ?)", [session_id, row["id"], created_at])


def _insert_plain(what: str) -> Callable[[Database, Json], None]:
    def insert_row(db: Database, row: Json) -> None:
        db.execute(_ROWS[what], row)

    return insert_row


def _insert_note(db: Database, row: Json) -> None:
    if "file_id" not in row:  # written before notes belonged to recordings
        sql = "SELECT audio_file_id, created_at FROM lectures WHERE id = ?"
        file_id, created_at = db.execute(sql, [row["lecture_id"]]).fetchone()
        row |= {"file_id": file_id, "created_at": created_at, "updated_at": created_at}
        row["lecture_id"] = None if file_id else row["lecture_id"]
    db.execute(_ROWS["note"], row)


_INSERT: dict[str, Callable[[Database, Json], None]] = {
    "manifest": _insert_header,
    "storage": _insert_storage,
    "session": _insert_session,
    "file": _insert_file,
    "lecture": _insert_plain("lecture"),
    "note": _insert_note,
    "bookmark": _insert_plain("bookmark"),
    "pin": _insert_plain("pin"),
    "listening": _insert_plain("listening"),
}
