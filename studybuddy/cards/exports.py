"""Cards for other programs: a package for Anki, and CSV for spreadsheets."""

import csv
import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from studybuddy.cards import formulas
from studybuddy.catalog.cards import Card
from studybuddy.spreadsheets import cell
from studybuddy.units import clock_text

if TYPE_CHECKING:
    from genanki import Deck, Model

Form = Literal["apkg", "csv"]
TYPES: dict[Form, str] = {"apkg": "application/octet-stream", "csv": "text/csv; charset=utf-8"}

_MODEL_ID = 1_763_700_419  # of our kind of note, for ever: Anki knows it again by this
_FIELDS = ("Front", "Back", "Source")
_HEAD = ("session", "front", "back", "source", "due", "id")
_CSS = (
    ".card { font-family: sans-serif; font-size: 20px; text-align: center; } .source { font-size: 13px; opacity: .6; }"
)
_ANSWER = '{{FrontSide}}<hr id="answer">{{Back}}<p class="source">{{Source}}</p>'


def write(found: Iterable[Card], path: Path, form: Form) -> int:
    """Write cards, sorted by session, to a file; return how many. Importing it twice doubles nothing in Anki."""
    return _write_package(found, path) if form == "apkg" else _write_csv(found, path)


def as_bytes(found: Iterable[Card], form: Form) -> bytes:
    """Return cards, sorted by session, as such a file's content."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"cards.{form}"
        write(found, path, form)
        return path.read_bytes()


def source_text(card: Card) -> str:
    """Say what a card was made from; "" for one made by hand."""
    if card.at_ms is not None:
        return ", ".join(filter(None, (card.file, clock_text(card.at_ms))))
    return ", ".join(filter(None, (card.file, f"page {card.page}" if card.page else "")))


def _write_csv(found: Iterable[Card], path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as stream:  # without its mark Excel takes it for another
        lines = csv.writer(stream)
        lines.writerow(_HEAD)
        for count, card in enumerate(found, start=1):  # noqa: B007
            texts = (card.session, card.front, card.back, source_text(card))
            lines.writerow([*map(cell, texts), card.memory.due_at, card.guid])
    return count


def _write_package(found: Iterable[Card], path: Path) -> int:
    from genanki import Package  # noqa: PLC0415 - only for who exports

    decks = list(_decks(found))
    Package(decks).write_to_file(path)
    return sum(len(deck.notes) for deck in decks)


def _decks(found: Iterable[Card]) -> "Iterator[Deck]":
    from genanki import Deck, Note  # noqa: PLC0415

    model = _model()
    for (_, title), cards in groupby(found, lambda card: (card.session_id, card.session)):
        first, *rest = cards
        # Of what never changes, so that a session is the same deck whatever it is called.
        deck = Deck(
            _number(f"{first.session_id} {first.session_created_at}"), f"Study Buddy::{title.replace('::', ':')}"
        )
        for card in (first, *rest):
            sides = [_html(text) for text in (card.front, card.back, source_text(card))]
            deck.add_note(Note(model=model, fields=sides, guid=card.guid))
        yield deck


def _model() -> "Model":
    from genanki import Model  # noqa: PLC0415

    template = {"name": "Card 1", "qfmt": "{{Front}}", "afmt": _ANSWER}
    return Model(_MODEL_ID, "Study Buddy", [{"name": name} for name in _FIELDS], [template], css=_CSS)


def _number(text: str) -> int:
    # As Anki's own ids: of the size of a time in milliseconds.
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:5])


def _html(text: str) -> str:
    return "".join(_in_anki(escape(part), is_formula) for part, is_formula in formulas.parts(text))


def _in_anki(shown: str, is_formula: bool) -> str:
    if not is_formula:
        return shown.replace("\n", "<br>")
    return rf"\[{shown[2:-2]}\]" if shown.startswith("$$") else rf"\({shown[1:-1]}\)"
