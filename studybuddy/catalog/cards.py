"""Flashcards and their answers, as rows."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlite_utils import Database

from studybuddy.catalog import cursors
from studybuddy.catalog.records import Page
from studybuddy.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Memory:
    """How well a card is known, as FSRS has it (https://github.com/open-spaced-repetition/py-fsrs)."""

    stage: int  # 1 learning, 2 review, 3 relearning
    step: int | None
    stability: float | None  # days
    difficulty: float | None  # 1 to 10
    due_at: str
    reviewed_at: str | None  # None: new


@dataclass(frozen=True, slots=True)
class Card:
    """A question and its answer, and what they were made from."""

    id: int
    guid: str
    session_id: int
    session: str  # its title
    session_created_at: str
    file_id: int | None  # None: made by hand, or the file is gone or in the trash
    file: str  # its name; "" without one
    page: int | None
    at_ms: int | None
    front: str
    back: str
    memory: Memory
    created_at: str
    updated_at: str


_MEMORY = tuple(field.name for field in fields(Memory))
_HEAD = 11  # columns before those
_COLUMNS = f"""cards.id, guid, cards.session_id, sessions.title, sessions.created_at, files.id,
    coalesce(files.name, ''), page, at_ms, front, back, {", ".join(_MEMORY)}, cards.created_at, cards.updated_at"""
_FROM = """FROM cards JOIN sessions ON sessions.id = cards.session_id AND sessions.trashed_at IS NULL
    LEFT JOIN files ON files.id = cards.file_id AND files.trashed_at IS NULL"""


def insert(db: Database, **columns: str | int | float | None) -> int:
    """Write a card's row; return its id."""
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    cursor = db.execute(f"INSERT INTO cards ({names}) VALUES ({marks})", [*columns.values()])
    return int(cursor.lastrowid or 0)


def get(db: Database, card_id: int) -> Card:
    """Return one card; raise NotFoundError when there is none outside the trash."""
    row = db.execute(f"SELECT {_COLUMNS} {_FROM} WHERE cards.id = ?", [card_id]).fetchone()
    if row is None:
        raise NotFoundError(f"There is no card {card_id}", fix="Choose one on the page Cards.")
    return _card(row)


def has(db: Database, guid: str) -> bool:
    """Tell whether there is a card with this GUID, also in a session in the trash."""
    return db.execute("SELECT 1 FROM cards WHERE guid = ?", [guid]).fetchone() is not None


def update(db: Database, card_id: int, **columns: str | int | float | None) -> None:
    """Set columns of one card."""
    db.execute(
        f"UPDATE cards SET {', '.join(f'{name} = ?' for name in columns)} WHERE id = ?", [*columns.values(), card_id]
    )


def remember(db: Database, card_id: int, memory: Memory) -> None:
    """Set how well a card is known."""
    update(db, card_id, **asdict(memory))


def delete(db: Database, card_id: int) -> None:
    """Drop one card and its answers."""
    db.execute("DELETE FROM cards WHERE id = ?", [card_id])


def page(db: Database, *, session_id: int | None = None, limit: int, after: str | None = None) -> Page[Card]:
    """Return a part of the cards, of all sessions or of one, in the order in which they were made."""
    (last,) = cursors.decode(after, "card", int) if after else (0,)
    where = "" if session_id is None else "AND cards.session_id = :session"
    rows = db.execute(
        f"SELECT {_COLUMNS} {_FROM} WHERE cards.id > :last {where} ORDER BY cards.id LIMIT :limit",
        {"session": session_id, "last": last, "limit": limit + 1},
    ).fetchall()
    found = tuple(map(_card, rows[:limit]))
    return Page(found, cursors.encode("card", found[-1].id) if len(rows) > limit else None)


def all_of(db: Database, *, session_id: int | None = None) -> Iterator[Card]:
    """Yield all cards, or those of one session, by session."""
    where = "" if session_id is None else "WHERE cards.session_id = :session"
    rows = db.execute(f"SELECT {_COLUMNS} {_FROM} {where} ORDER BY cards.session_id, cards.id", {"session": session_id})
    yield from map(_card, rows)


def due(db: Database, until: str, *, session_id: int | None = None) -> Card | None:
    """Return the card that has been due for longest by a time; None when none is."""
    where, values = _due(until, session_id)
    row = db.execute(f"SELECT {_COLUMNS} {_FROM} {where} ORDER BY due_at, cards.id LIMIT 1", values).fetchone()
    return _card(row) if row else None


def count_due(db: Database, until: str, *, session_id: int | None = None) -> int:
    """Return how many cards are due by a time."""
    where, values = _due(until, session_id)
    return int(db.execute(f"SELECT count(*) {_FROM} {where}", values).fetchone()[0])


def next_due(db: Database, *, session_id: int | None = None) -> str | None:
    """Return when the next card is due; None when there are no cards."""
    where, values = _due("9999", session_id)
    found: str | None = db.execute(f"SELECT min(due_at) {_FROM} {where}", values).fetchone()[0]
    return found


def add_review(db: Database, card: Card, *, rating: int, reviewed_at: str) -> None:
    """Keep an answer with the card as it was before it."""
    db.execute(
        "INSERT INTO card_reviews (card_id, rating, reviewed_at, before) VALUES (?, ?, ?, ?)",
        [card.id, rating, reviewed_at, json.dumps(asdict(card.memory))],
    )


def take_review(db: Database, card_id: int) -> Memory | None:
    """Take a card's last answer away; return how well it was known before it, or None when it never had one."""
    row = db.execute(
        "DELETE FROM card_reviews WHERE id = (SELECT max(id) FROM card_reviews WHERE card_id = ?) RETURNING before",
        [card_id],
    ).fetchone()
    return Memory(**json.loads(row[0])) if row else None


def _due(until: str, session_id: int | None) -> tuple[str, dict[str, str | int | None]]:
    where = "WHERE due_at <= :until" + ("" if session_id is None else " AND cards.session_id = :session")
    return where, {"until": until, "session": session_id}


def _card(row: tuple[Any, ...]) -> Card:
    end = _HEAD + len(_MEMORY)
    columns = [*row[:_HEAD], Memory(*row[_HEAD:end]), *row[end:]]
    return Card(*columns)
