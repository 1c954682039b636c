"""When a card is asked again: FSRS, the scheduler that Anki has as well (https://github.com/open-spaced-repetition)."""

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Literal

from studybuddy.catalog.cards import Memory
from studybuddy.units import TIME_FORMAT

if TYPE_CHECKING:
    from fsrs import Scheduler

Rating = Literal["again", "hard", "good", "easy"]
RATINGS: tuple[Rating, ...] = ("again", "hard", "good", "easy")  # FSRS counts them from 1


def new(now: str) -> Memory:
    """Return what is known of a card that was never asked: it is due at once."""
    return Memory(stage=1, step=0, stability=None, difficulty=None, due_at=now, reviewed_at=None)


def answered(memory: Memory, rating: Rating, now: datetime) -> Memory:
    """Return how well a card is known after an answer."""
    import fsrs  # noqa: PLC0415 - only for who reviews

    card = fsrs.Card(
        card_id=1, state=fsrs.State(memory.stage), step=memory.step, stability=memory.stability,
        difficulty=memory.difficulty, due=due(memory),
        last_review=_time(memory.reviewed_at) if memory.reviewed_at else None,
    )  # fmt: skip
    after, _ = _scheduler().review_card(card, fsrs.Rating(RATINGS.index(rating) + 1), now)
    return Memory(
        stage=int(after.state), step=after.step, stability=after.stability, difficulty=after.difficulty,
        due_at=after.due.strftime(TIME_FORMAT), reviewed_at=now.strftime(TIME_FORMAT),
    )  # fmt: skip


def due(memory: Memory) -> datetime:
    """Return when a card is due."""
    return _time(memory.due_at)


def _time(text: str) -> datetime:
    return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=UTC)


@cache
def _scheduler() -> "Scheduler":
    from fsrs import Scheduler  # noqa: PLC0415

    # Without chance: what a button says is what comes.
    return Scheduler(enable_fuzzing=False)
