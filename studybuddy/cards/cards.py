"""What a person does with cards: make, change, review and take back."""

import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from studybuddy import fields
from studybuddy.cards import spacing
from studybuddy.cards.spacing import RATINGS, Rating
from studybuddy.catalog import cards, files, sessions
from studybuddy.catalog.cards import Card, Memory
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.records import Page
from studybuddy.errors import ConflictError, InvalidInputError
from studybuddy.units import TIME_FORMAT


class Cards:
    """All cards outside the trash. What is not there raises NotFoundError."""

    def __init__(self, catalog: Catalog, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._catalog = catalog
        self._clock = clock

    def add(  # noqa: PLR0913
        self,
        front: str,
        back: str,
        *,
        session_id: int | None = None,
        file_id: int | None = None,
        page: int | None = None,
        at_ms: int | None = None,
    ) -> Card:
        """Make a card of a session, or from a file at a page or a moment; it is due at once."""
        now = self._clock().strftime(TIME_FORMAT)
        sides = {"front": fields.card_side(front, "front"), "back": fields.card_side(back, "back")}
        with self._catalog.write() as db:
            if file_id is not None:
                session_id = files.get(db, file_id).session_id
            if session_id is None:
                raise InvalidInputError("The card belongs to no session", fix="Name a session, or a file.")
            source = {"session_id": sessions.get(db, session_id).id, "file_id": file_id, "page": page, "at_ms": at_ms}
            memory = asdict(spacing.new(now))
            times = {"created_at": now, "updated_at": now}
            return cards.get(db, cards.insert(db, guid=uuid.uuid4().hex, **source, **sides, **memory, **times))

    def get(self, card_id: int) -> Card:
        """Return one card."""
        with self._catalog.read() as db:
            return cards.get(db, card_id)

    def page(self, *, session_id: int | None = None, limit: int = 50, after: str | None = None) -> Page[Card]:
        """Return a part of the cards, of all sessions or of one, in the order in which they were made."""
        with self._catalog.read() as db:
            return cards.page(db, session_id=session_id, limit=limit, after=after)

    def change(self, card_id: int, *, front: str | None = None, back: str | None = None) -> Card:
        """Change a card's sides; None leaves one as it is. What is known of it stays."""
        given = {"front": front, "back": back}
        row = {side: fields.card_side(text, side) for side, text in given.items() if text is not None}
        with self._catalog.write() as db:
            cards.get(db, card_id)
            if row:
                cards.update(db, card_id, **row, updated_at=self._clock().strftime(TIME_FORMAT))
            return cards.get(db, card_id)

    def delete(self, card_id: int) -> Card:
        """Delete a card; return it, for `put_back`."""
        with self._catalog.write() as db:
            card = cards.get(db, card_id)
            cards.delete(db, card_id)
            return card

    def put_back(self, card: Card) -> None:
        """Bring a deleted card back as it was, without its earlier answers."""
        columns = asdict(card)
        memory = columns.pop("memory")
        del columns["session"], columns["session_created_at"], columns["file"]
        with self._catalog.write() as db:
            cards.insert(db, **columns, **memory)

    def due(self, *, session_id: int | None = None) -> Card | None:
        """Return the card that has been due for longest; None when none is."""
        with self._catalog.read() as db:
            return cards.due(db, self._now(), session_id=session_id)

    def count_due(self, *, session_id: int | None = None) -> int:
        """Return how many cards are due now."""
        with self._catalog.read() as db:
            return cards.count_due(db, self._now(), session_id=session_id)

    def next_due(self, *, session_id: int | None = None) -> str | None:
        """Return when the next card is due (UTC); None without cards."""
        with self._catalog.read() as db:
            return cards.next_due(db, session_id=session_id)

    def waits(self, card: Card) -> dict[Rating, timedelta]:
        """Return after what time each answer would bring the card again."""
        now = self._clock()
        return {rating: spacing.due(spacing.answered(card.memory, rating, now)) - now for rating in RATINGS}

    def answer(self, card_id: int, rating: Rating) -> Card:
        """Note how well a card was known; it is due again after a time that FSRS tells."""
        now = self._clock()
        with self._catalog.write() as db:
            card = cards.get(db, card_id)
            cards.add_review(db, card, rating=RATINGS.index(rating) + 1, reviewed_at=now.strftime(TIME_FORMAT))
            cards.remember(db, card_id, spacing.answered(card.memory, rating, now))
            return cards.get(db, card_id)

    def take_back(self, card_id: int) -> Card:
        """Take the last answer to a card back; raise ConflictError when there is none."""
        with self._catalog.write() as db:
            cards.get(db, card_id)
            before: Memory | None = cards.take_review(db, card_id)
            if before is None:
                raise ConflictError(f"Card {card_id} has not been answered yet", fix="Review it first.")
            cards.remember(db, card_id, before)
            return cards.get(db, card_id)

    def _now(self) -> str:
        return self._clock().strftime(TIME_FORMAT)
