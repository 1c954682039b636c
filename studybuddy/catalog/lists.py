"""The lists that pages, API and command line show, a page at a time, each page found by the last row before it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from sqlite_utils import Database

from studybuddy.catalog import cursors, narrowing, sessions, tags
from studybuddy.catalog.files import COLUMNS as FILE_COLUMNS
from studybuddy.catalog.files import JOIN as FILES_JOIN
from studybuddy.catalog.narrowing import Need, Order, Part
from studybuddy.catalog.records import File, Page, Session
from studybuddy.catalog.words import storable, wanted_words
from studybuddy.kinds import Kind
from studybuddy.units import TIME_FORMAT, parse_time

SessionSort = Literal["updated", "created", "title", "size"]
FileSort = Literal["name", "size", "date"]

TRASH_KEPT = timedelta(days=30)
MAX_QUERY = 200  # characters; what stands behind is not looked at
_MAX_LIMIT = 500
_AFTER_ALL_IDS = 2**63 - 1
_SHOWN = "files.trashed_at IS NULL AND files.current_copy_id IS NOT NULL"
# The column of each sort, and whether it begins with the highest.
_SESSION_SORTS: dict[str, tuple[str, bool]] = {
    "updated": ("updated_at", True),
    "created": ("created_at", True),
    "title": ("title_key", False),
    "size": ("size", True),
}
_FILE_SORTS: dict[str, tuple[str, bool]] = {
    "name": ("name_key", False),
    "size": ("size", True),
    "date": ("created_at", True),
}


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """Which sessions to list; all that is given must hold."""

    query: str = ""  # starts of words in title, subject, tags, notes or the names of files; empty: all
    tag: str | None = None
    subject: str | None = None
    kind: Kind | None = None  # holds files of this kind; with storage_id: there
    storage_id: int | None = None
    since: date | None = None  # changed on this day (UTC) or later
    until: date | None = None  # changed on this day or earlier
    sort: SessionSort = "updated"
    reverse: bool = False  # else newest, largest, or A first


@dataclass(frozen=True, slots=True)
class SessionFilesFilter:
    """Which of a session's files to list, and how sorted."""

    kind: Kind | None = None
    sort: FileSort = "name"
    reverse: bool = False  # else A, largest, or newest first


@dataclass(frozen=True, slots=True)
class FilesFilter:
    """Which files to list; all that is given must hold."""

    session_id: int | None = None
    kind: Kind | None = None
    storage_id: int | None = None
    outbox: bool = False  # only those that wait for another storage
    place: int | None = None  # a part of `places.parts`


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filter boxes offer: what is in use."""

    tags: tuple[str, ...]
    subjects: tuple[str, ...]
    kinds: tuple[Kind, ...]
    storage_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trashed:
    """A session or a file in the trash."""

    what: Literal["session", "file"]
    id: int
    title: str  # of a session, or the name of a file
    session_id: int
    session_title: str
    file_count: int  # how many went in with a session; 1 for a file
    size: int  # bytes
    trashed_at: str
    kept_until: str


def sessions_page(db: Database, wanted: SessionFilter, *, limit: int = 50, after: str | None = None) -> Page[Session]:
    """List the sessions that a filter leaves, without those in the trash."""
    column, descending = _SESSION_SORTS[wanted.sort]
    order = Order(column, f"sessions_by_{wanted.sort}", descending=descending != wanted.reverse)
    mark = _mark("sessions", wanted.sort, wanted.reverse)
    place = cursors.decode(after, mark, int if column == "size" else str, int) if after else None
    needs = _needs(db, wanted)
    if needs is None:
        return Page((), None)
    limit = _within(limit)
    found = narrowing.find(db, needs, Part(order, place, limit + 1))
    rows = _sessions(db, [session_id for _, session_id in found[:limit]])
    return Page(rows, cursors.encode(mark, *found[limit - 1]) if len(found) > limit else None)


def recent_sessions(db: Database, *, limit: int = 6) -> tuple[Session, ...]:
    """Return the sessions that changed last."""
    return sessions_page(db, SessionFilter(), limit=limit).rows


def choices(db: Database) -> Choices:
    """Return what the sessions can be filtered by."""
    held = db.execute("SELECT DISTINCT storage_id, kind FROM totals WHERE files > 0").fetchall()
    return Choices(
        tags=tuple(sorted(tags.everything(db), key=str.casefold)),
        subjects=tuple(sorted(sessions.subjects(db), key=str.casefold)),
        kinds=tuple(sorted({kind for _, kind in held})),
        storage_ids=tuple(sorted({storage_id for storage_id, _ in held})),
    )


def session_files_page(
    db: Database, session_id: int, wanted: SessionFilesFilter, *, limit: int = 50, after: str | None = None
) -> Page[File]:
    """List a session's files, and those linked into it, without those in the trash."""
    column, descending = _FILE_SORTS[wanted.sort]
    mark = _mark(f"session {session_id}", wanted.sort, wanted.reverse)
    place = cursors.decode(after, mark, int if column == "size" else str, int) if after else None
    way, later = ("DESC", "<") if descending != wanted.reverse else ("ASC", ">")
    behind = f"AND (files.{column}, files.id) {later} (?, ?)" if place else ""
    narrowed = f"{_SHOWN} {behind} {'AND files.kind = ?' if wanted.kind else ''}"
    values = [session_id, *(place or ()), *([wanted.kind] if wanted.kind else [])]
    limit = _within(limit)
    found = db.execute(
        f"""SELECT * FROM (
            SELECT * FROM (SELECT files.{column}, files.id, 0 AS linked FROM files
                WHERE files.session_id = ? AND {narrowed} ORDER BY files.{column} {way}, files.id {way} LIMIT ?)
            UNION ALL
            SELECT files.{column}, files.id, 1 FROM links CROSS JOIN files ON files.id = links.file_id
                WHERE links.session_id = ? AND files.session_id <> links.session_id AND {narrowed}
        ) ORDER BY 1 {way}, 2 {way} LIMIT ?""",
        [*values, limit + 1, *values, limit + 1],
    ).fetchall()
    linked = {file_id for _, file_id, is_linked in found if is_linked}
    rows = _files(db, [file_id for _, file_id, _ in found[:limit]], linked=linked)
    return Page(rows, cursors.encode(mark, *found[limit - 1][:2]) if len(found) > limit else None)


def files_page(db: Database, wanted: FilesFilter, *, limit: int = 50, after: str | None = None) -> Page[File]:
    """List files out of the trash, the last added first."""
    place = cursors.decode(after, "files", int)[0] if after else _AFTER_ALL_IDS
    limit = _within(limit)
    found: list[int] = []
    for conditions in _stretches(db, wanted):
        narrowed = "".join(f" AND files.{name} = ?" for name in conditions)
        rows = db.execute(
            f"SELECT files.id FROM files WHERE {_SHOWN}{narrowed} AND files.id < ? ORDER BY files.id DESC LIMIT ?",
            [*conditions.values(), place, limit + 1],
        )
        found += [file_id for (file_id,) in rows.fetchall()]
    found = sorted(found, reverse=True)[: limit + 1]
    rows_shown = _files(db, found[:limit])
    return Page(rows_shown, cursors.encode("files", found[limit - 1]) if len(found) > limit else None)


def trash_page(db: Database, *, limit: int = 50, after: str | None = None) -> Page[Trashed]:
    """List the trash, the last thrown away first. Files that went in with their session are counted in it."""
    place = cursors.decode(after, "trash", str, int, int) if after else ["U", 0, 0]
    limit = _within(limit)
    found = db.execute(
        """SELECT * FROM (
            SELECT * FROM (SELECT trashed_at, 1 AS is_session, id FROM sessions
                WHERE trashed_at IS NOT NULL AND (trashed_at, 1, id) < (?1, ?2, ?3)
                ORDER BY trashed_at DESC, id DESC LIMIT ?4)
            UNION ALL
            SELECT * FROM (SELECT files.trashed_at, 0, files.id
                FROM files INDEXED BY files_trashed CROSS JOIN sessions ON sessions.id = files.session_id
                WHERE files.trashed_at IS NOT NULL AND files.current_copy_id IS NOT NULL
                AND files.trashed_at IS NOT sessions.trashed_at AND (files.trashed_at, 0, files.id) < (?1, ?2, ?3)
                ORDER BY files.trashed_at DESC, files.id DESC LIMIT ?4)
        ) ORDER BY 1 DESC, 2 DESC, 3 DESC LIMIT ?4""",
        [*place, limit + 1],
    ).fetchall()
    rows = tuple(_trashed(db, trashed_at, bool(is_session), row_id) for trashed_at, is_session, row_id in found[:limit])
    return Page(rows, cursors.encode("trash", *found[limit - 1]) if len(found) > limit else None)


def _trashed(db: Database, trashed_at: str, is_session: bool, row_id: int) -> Trashed:
    kept_until = (parse_time(trashed_at) + TRASH_KEPT).strftime(TIME_FORMAT)
    if is_session:
        row = db.execute(
            """SELECT title, id, title,
            (SELECT count(*) FROM files WHERE session_id = sessions.id AND files.trashed_at = sessions.trashed_at),
            (SELECT coalesce(sum(size), 0) FROM files
                WHERE session_id = sessions.id AND files.trashed_at = sessions.trashed_at)
            FROM sessions WHERE id = ?""",
            [row_id],
        ).fetchone()
    else:
        row = db.execute(
            """SELECT files.name, sessions.id, sessions.title, 1, files.size
            FROM files JOIN sessions ON sessions.id = files.session_id WHERE files.id = ?""",
            [row_id],
        ).fetchone()
    title, session_id, session_title, count, size = row
    what: Literal["session", "file"] = "session" if is_session else "file"
    return Trashed(what, row_id, title, session_id, session_title, count, size, trashed_at, kept_until)


def _stretches(db: Database, wanted: FilesFilter) -> Iterator[dict[str, str | int]]:
    # Each lies in one index in the order of the list, so that a page is read from it without looking further.
    asked = {"session_id": wanted.session_id, "kind": wanted.kind, "storage_id": wanted.storage_id}
    given: dict[str, str | int] = {name: value for name, value in asked.items() if value is not None}
    if wanted.outbox:
        for (target,) in db.execute("SELECT id FROM storages").fetchall():
            yield given | {"wanted_storage_id": target}
    elif wanted.place is not None:
        yield given | {"place": wanted.place}
    elif wanted.session_id is not None:
        yield given
    else:
        for storage_id, kind in db.execute("SELECT storage_id, kind FROM totals WHERE files > 0").fetchall():
            if wanted.storage_id in {None, storage_id} and wanted.kind in {None, kind}:
                yield {"storage_id": storage_id, "kind": kind}


def _needs(db: Database, wanted: SessionFilter) -> list[Need] | None:
    # None: nothing can meet the wanted.
    query = wanted.query[:MAX_QUERY]
    starts = wanted_words(query)
    if query.strip() and not starts:
        return None
    needs = [narrowing.word(start) for start in starts]
    if wanted.tag is not None:
        tag_id = tags.id_of(db, wanted.tag)
        if tag_id is None:
            return None
        needs.append(narrowing.tag(tag_id))
    if wanted.subject is not None:
        needs.append(narrowing.subject(storable(wanted.subject)))
    held = {"kind": wanted.kind, "storage_id": wanted.storage_id}
    if given := {name: value for name, value in held.items() if value is not None}:
        needs.append(narrowing.holding(**given))
    if wanted.since or wanted.until:
        first, end = _span(wanted)
        needs.append(narrowing.updated(first, end))
        if wanted.sort == "created":
            # Nothing changes before it is made: the list can begin there.
            needs.append(narrowing.created_before(end))
    return needs


def _span(wanted: SessionFilter) -> tuple[str, str]:
    # "U" follows the "T" that stands between day and time: the end of that day.
    return str(wanted.since or ""), f"{wanted.until}U" if wanted.until else "U"


def _sessions(db: Database, ids: Sequence[int]) -> tuple[Session, ...]:
    marks = ", ".join("?" * len(ids))
    rows = db.execute(f"SELECT {sessions.COLUMNS} FROM sessions WHERE id IN ({marks})", list(ids)).fetchall()
    tagged = tags.of_sessions(db, ids)
    by_id = {row[0]: replace(Session(*row), tags=tagged[row[0]]) for row in rows}
    return tuple(by_id[session_id] for session_id in ids)


def _files(db: Database, ids: Sequence[int], *, linked: set[int] | frozenset[int] = frozenset()) -> tuple[File, ...]:
    marks = ", ".join("?" * len(ids))
    rows = db.execute(f"SELECT {FILE_COLUMNS} FROM {FILES_JOIN} WHERE files.id IN ({marks})", list(ids)).fetchall()
    by_id = {row[0]: replace(File(*row), linked=row[0] in linked) for row in rows}
    return tuple(by_id[file_id] for file_id in ids)


def _mark(name: str, sort: str, reverse: bool) -> str:
    return f"{name} by {sort}{' reversed' if reverse else ''}"


def _within(limit: int) -> int:
    return max(1, min(limit, _MAX_LIMIT))
