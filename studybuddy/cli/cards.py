"""`cards`, and `export cards`."""

from itertools import islice
from pathlib import Path
from typing import cast

import click

from studybuddy.cards import exports
from studybuddy.cards.exports import Form, source_text
from studybuddy.catalog import cards as rows
from studybuddy.catalog.cards import Card
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option, minute, table
from studybuddy.errors import InvalidInputError
from studybuddy.shapes import card_json
from studybuddy.units import count_text, utc_now
from studybuddy.wiring import Wiring

_LIMIT = 500
_session = click.option(
    "--session", "session_id", type=click.IntRange(min=1), metavar="ID", help="Only of one session."
)


@click.command
@_session
@click.option("--due", "only_due", is_flag=True, help="Only those that are due now.")
@click.option("--limit", type=click.IntRange(min=1), default=_LIMIT, show_default=True, help="Show at most this many.")
@json_option
def cards(session_id: int | None, only_due: bool, limit: int, as_json: bool) -> None:
    """List flashcards by session. They are made, reviewed and changed on the page Cards."""
    with opened() as wiring, wiring.catalog.read() as db:
        _expect_session(wiring, session_id)
        now = utc_now()
        found = (card for card in rows.all_of(db, session_id=session_id) if not only_due or card.memory.due_at <= now)
        shown = list(islice(found, limit))
        due = rows.count_due(db, now, session_id=session_id)
    if as_json:
        answer({"cards": list(map(card_json, shown)), "due": due})
        return
    table(("ID", "Session", "Front", "From", "Due"), map(_row, shown))


@click.command("cards")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@_session
@click.option("--format", "form", type=click.Choice([*exports.TYPES]), help="Else FILE's name tells (apkg).")
@json_option
def export_cards(path: Path, session_id: int | None, form: str | None, as_json: bool) -> None:
    """Write flashcards to FILE: a package for Anki, where a second import doubles nothing, or CSV."""
    chosen = cast(Form, form or ("csv" if path.suffix.lower() == ".csv" else "apkg"))
    with opened() as wiring, wiring.catalog.read() as db:
        _expect_session(wiring, session_id)
        try:
            count = exports.write(rows.all_of(db, session_id=session_id), path, chosen)
        except OSError as error:
            raise InvalidInputError(
                f"{path} cannot be written: {error.strerror}", fix="Choose another place."
            ) from error
    if as_json:
        answer({"cards": count, "path": str(path), "format": chosen})
    else:
        click.echo(f"Wrote {count_text(count, 'card')} to {path}.")


def _expect_session(wiring: Wiring, session_id: int | None) -> None:
    if session_id is not None:
        wiring.library.session(session_id)


def _row(card: Card) -> tuple[str, ...]:
    return str(card.id), card.session, card.front, source_text(card), minute(card.memory.due_at)
