"""`sessions` and `files`."""

import sys
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeVar

import click

from studybuddy.catalog import Database, lists
from studybuddy.catalog.lists import FilesFilter, SessionFilesFilter, SessionFilter, Trashed
from studybuddy.catalog.records import File, Page, Session
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option, minute, table
from studybuddy.kinds import KINDS, Kind
from studybuddy.shapes import file_json, session_json, trashed_json
from studybuddy.storages import Storages
from studybuddy.units import duration_text, size_text
from studybuddy.wiring import Wiring

Row = TypeVar("Row")

_PAGE = 500
_limit = click.option("--limit", type=click.IntRange(min=1), help="Show at most this many.")


@click.command
@click.option("--query", default="", help="Words of the title, subject, tags, notes or of the names of files.")
@click.option("--tag", help="Only sessions with this tag.")
@_limit
@json_option
def sessions(query: str, tag: str | None, limit: int | None, as_json: bool) -> None:
    """List sessions, the last changed first."""
    wanted = SessionFilter(query=query, tag=tag)
    with opened() as wiring:
        found = _all(wiring, lambda db, after: lists.sessions_page(db, wanted, limit=_PAGE, after=after))
        shown = islice(found, limit)
        if as_json:
            answer({"sessions": [session_json(session) for session in shown], "more": _more(found)})
            return
        table(("ID", "Title", "Subject", "Files", "Lectures", "Size", "Tags", "Changed"), map(_session_row, shown))
        _tell_more(found)


@click.command
@click.option("--session", "session_id", type=click.IntRange(min=1), help="Only the files of the session with this ID.")
@click.option("--kind", type=click.Choice(KINDS), help="Only files of this kind.")
@click.option("--trash", "of_trash", is_flag=True, help="What is in the trash instead.")
@_limit
@json_option
def files(session_id: int | None, kind: Kind | None, of_trash: bool, limit: int | None, as_json: bool) -> None:
    """List files, the last added first; those of a session by name."""
    if of_trash and (session_id or kind):
        raise click.UsageError("--trash takes neither --session nor --kind.")
    with opened() as wiring:
        if of_trash:
            _show_trash(wiring, limit, as_json=as_json)
        else:
            _show_files(wiring, _files(wiring, session_id, kind), limit, as_json=as_json)


def _files(wiring: Wiring, session_id: int | None, kind: Kind | None) -> Iterator[File]:
    if session_id is None:
        return _all(wiring, lambda db, after: lists.files_page(db, FilesFilter(kind=kind), limit=_PAGE, after=after))
    wiring.library.session(session_id)
    wanted = SessionFilesFilter(kind=kind)
    return _all(wiring, lambda db, after: lists.session_files_page(db, session_id, wanted, limit=_PAGE, after=after))


def _show_files(wiring: Wiring, found: Iterator[File], limit: int | None, *, as_json: bool) -> None:
    shown = islice(found, limit)
    if as_json:
        answer({"files": [file_json(file, wiring.storages()) for file in shown], "more": _more(found)})
        return
    columns = ("ID", "Session", "Name", "Kind", "Size", "Length", "Stored in", "Added")
    table(columns, (_file_row(file, wiring.storages()) for file in shown))
    _tell_more(found)


def _show_trash(wiring: Wiring, limit: int | None, *, as_json: bool) -> None:
    found = _all(wiring, lambda db, after: lists.trash_page(db, limit=_PAGE, after=after))
    shown = islice(found, limit)
    if as_json:
        answer({"trash": [trashed_json(trashed) for trashed in shown], "more": _more(found)})
        return
    table(("What", "ID", "Name", "Session", "Size", "Thrown away", "Kept until"), map(_trashed_row, shown))
    _tell_more(found)


def _all(wiring: Wiring, ask: Callable[[Database, str | None], Page[Row]]) -> Iterator[Row]:
    """Yield the rows of all pages, each page over a short connection of its own."""
    after: str | None = None
    while True:
        with wiring.catalog.read() as db:
            page = ask(db, after)
        yield from page.rows
        after = page.next
        if after is None:
            return


def _more(found: Iterator[object]) -> bool:
    return next(found, None) is not None


def _tell_more(found: Iterator[object]) -> None:
    if _more(found):
        sys.stdout.flush()
        click.echo("There are more: raise --limit to see them.", err=True)


def _session_row(session: Session) -> tuple[str, ...]:
    return (
        str(session.id),
        session.title,
        session.subject,
        str(session.file_count),
        str(session.lecture_count),
        size_text(session.size),
        ", ".join(session.tags),
        minute(session.updated_at),
    )


def _file_row(file: File, storages: Storages) -> tuple[str, ...]:
    wanted = "" if file.wanted_storage_id is None else f", waits for {storages.label(file.wanted_storage_id)}"
    return (
        str(file.id),
        str(file.session_id),
        file.name,
        file.kind,
        size_text(file.size),
        "" if file.duration_ms is None else duration_text(file.duration_ms),
        storages.label(file.storage_id or 0) + wanted,
        minute(file.created_at),
    )


def _trashed_row(trashed: Trashed) -> tuple[str, ...]:
    return (
        trashed.what,
        str(trashed.id),
        trashed.title,
        trashed.session_title,
        size_text(trashed.size),
        minute(trashed.trashed_at),
        minute(trashed.kept_until),
    )
