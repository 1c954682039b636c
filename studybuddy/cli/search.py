"""`search`."""

import sys
from collections.abc import Iterator
from datetime import datetime

import click

from studybuddy.catalog import found as catalog_found
from studybuddy.catalog.search_filter import Narrowed
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option, table
from studybuddy.kinds import KINDS, Kind
from studybuddy.search.searching import Found, Hit, Results, find
from studybuddy.search.shapes import results_json
from studybuddy.search.snippets import Piece
from studybuddy.units import clock_text, count_text

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command
@click.argument("query", nargs=-1, required=True)
@click.option("--kind", type=click.Choice(KINDS), help="Only in files of this kind.")
@click.option("--session", "session_id", type=click.IntRange(min=1), help="Only in the session with this ID.")
@click.option("--file", "file_id", type=click.IntRange(min=1), help="Only in the file with this ID: all its places.")
@click.option("--tag", help="Only in sessions with this tag.")
@click.option("--subject", help="Only in sessions of this subject.")
@click.option("--from", "--since", "since", type=_DAY, help="Only what was added on this day (UTC) or later.")
@click.option("--to", "--until", "until", type=_DAY, help="Only what was added on this day (UTC) or earlier.")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True, help="Show at most this many.")
@click.option("--after", help="Go on behind the `next` of the JSON document before.")
@json_option
def search(  # noqa: PLR0913
    *,
    query: tuple[str, ...],
    kind: Kind | None,
    session_id: int | None,
    file_id: int | None,
    tag: str | None,
    subject: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    after: str | None,
    as_json: bool,
) -> None:
    """Find words in titles, names, pages, transcripts, notes and bookmarks.

    "Words in quotes" follow each other, -word must not be there, and the last word may be the start of one. Write --
    before a query that begins with a minus.
    """
    days = {"since": since and since.date(), "until": until and until.date()}
    narrowed = Narrowed(kind, session_id, file_id, tag, subject, **days)
    with opened() as wiring, wiring.catalog.read() as db:
        results = find(db, " ".join(query), narrowed, limit=limit, after=after)
        unread = catalog_found.unread(db)
    if as_json:
        answer(results_json(results, unread=unread))
        return
    table(("What", "ID", "Title", "Session", "Place", "Text"), (row for found in results.found for row in _rows(found)))
    _tell(results, unread)


def _rows(found: Found) -> Iterator[tuple[str, ...]]:
    what, row_id = ("file", found.file.id) if found.file else ("session", found.session.id)
    begin = (what, str(row_id), _text(found.title), found.session.title)
    if not found.hits:
        yield (*begin, "", "")
    for hit in found.hits:
        yield (*begin, _place(hit), _text(hit.pieces))


def _place(hit: Hit) -> str:
    if hit.page is not None:
        return f"page {hit.page}"
    moment = "" if hit.at_ms is None else clock_text(hit.at_ms)
    return moment if hit.what == "transcript" else f"{hit.what} {moment}".rstrip()


def _text(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces)


def _tell(results: Results, unread: int) -> None:
    sys.stdout.flush()
    if not results.understood:
        click.echo("There is no word to look for in this query.", err=True)
    if results.next:
        click.echo("There are more: raise --limit to see them, or add a word.", err=True)
    if not results.complete:
        click.echo("This stands in very many places: only the newest were looked at. Add a word.", err=True)
    if unread:
        click.echo(f"{count_text(unread, 'file is', 'files are')} still to be read: look again later.", err=True)
