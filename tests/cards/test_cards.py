"""Cards: made, asked when they are due, answered, taken back, gone with their session's trash."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from studybuddy.adding.new_files import NewFile
from studybuddy.cards.cards import Cards
from studybuddy.catalog import cards as rows
from studybuddy.errors import ConflictError, InvalidInputError, NotFoundError
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests.samples import pdf


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    environ = {"UPLOADS_DIR": str(tmp_path / "uploads"), "STUDY_BUDDY_DATA": str(tmp_path / "data")}
    wiring = open_all(load_settings(environ, env_file=tmp_path / "no.env"))
    yield wiring
    wiring.close()


class Clock:
    """A time that a test moves on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cards(wiring: Wiring, clock: Clock) -> Cards:
    return Cards(wiring.catalog, clock=clock)


@pytest.fixture
def session_id(wiring: Wiring) -> int:
    return wiring.library.create_session("Botany").id


def test_a_new_card_is_due_at_once_and_the_oldest_comes_first(cards: Cards, session_id: int, clock: Clock) -> None:
    first = cards.add("What splits water?", "Photosystem II", session_id=session_id)
    clock.now += timedelta(seconds=1)
    cards.add("Where?", "In the thylakoids", session_id=session_id)
    assert cards.due() == first
    assert cards.count_due() == 2


def test_a_card_comes_again_after_the_time_that_its_answer_told(cards: Cards, session_id: int, clock: Clock) -> None:
    card = cards.add("Q", "A", session_id=session_id)
    waits = cards.waits(card)
    assert waits["again"] <= waits["hard"] <= waits["good"] < waits["easy"]
    cards.answer(card.id, "easy")
    assert cards.due() is None
    clock.now += waits["easy"] - timedelta(seconds=1)
    assert cards.due() is None
    clock.now += timedelta(seconds=2)
    assert (due := cards.due()) is not None
    assert due.id == card.id


def test_who_knows_a_card_again_and_again_sees_it_ever_less(cards: Cards, session_id: int, clock: Clock) -> None:
    card = cards.add("Q", "A", session_id=session_id)
    waits = []
    for _ in range(6):
        waits.append(cards.waits(card)["good"])
        card = cards.answer(card.id, "good")
        clock.now += waits[-1]
    assert waits[1:] == sorted(waits[1:])
    assert waits[-1] > timedelta(days=30)
    forgotten = cards.answer(card.id, "again")
    assert forgotten.memory.stage == 3
    assert cards.waits(forgotten)["good"] < waits[-1]


def test_an_answer_taken_back_leaves_the_card_as_it_was(cards: Cards, session_id: int) -> None:
    card = cards.add("Q", "A", session_id=session_id)
    cards.answer(card.id, "good")
    cards.answer(card.id, "easy")
    cards.take_back(card.id)
    assert cards.take_back(card.id) == card
    with pytest.raises(ConflictError):
        cards.take_back(card.id)


def test_a_deleted_card_can_be_put_back_with_what_is_known_of_it(cards: Cards, session_id: int) -> None:
    card = cards.answer(cards.add("Q", "A", session_id=session_id).id, "good")
    cards.delete(card.id)
    with pytest.raises(NotFoundError):
        cards.get(card.id)
    cards.put_back(card)
    assert cards.get(card.id) == card


def test_a_card_knows_its_page_and_stays_when_the_file_is_gone(cards: Cards, wiring: Wiring, session_id: int) -> None:
    file = wiring.library.add(io.BytesIO(pdf("Leaf")), NewFile("leaf.pdf", session_id)).file.id
    card = cards.add("Q", "A", file_id=file, page=3)
    assert (card.session_id, card.file_id, card.file, card.page) == (session_id, file, "leaf.pdf", 3)
    wiring.library.trash_file(file)
    assert cards.get(card.id).file_id is None
    wiring.library.purge_file(file)
    assert cards.get(card.id).front == "Q"


def test_cards_go_into_the_trash_with_their_session_and_come_back(
    cards: Cards, wiring: Wiring, session_id: int
) -> None:
    card = cards.add("Q", "A", session_id=session_id)
    wiring.library.trash_session(session_id)
    assert (cards.due(), cards.count_due(), cards.page().rows, cards.next_due()) == (None, 0, (), None)
    wiring.library.restore_session(session_id)
    assert cards.due() == card


@pytest.mark.parametrize(("front", "back"), [("", "A"), ("Q", "  \n "), ("x" * 20_001, "A")])
def test_a_card_needs_two_sides_of_bounded_length(cards: Cards, session_id: int, front: str, back: str) -> None:
    with pytest.raises(InvalidInputError):
        cards.add(front, back, session_id=session_id)


def test_a_card_belongs_to_a_session_that_is_there(cards: Cards) -> None:
    with pytest.raises(InvalidInputError):
        cards.add("Q", "A")
    with pytest.raises(NotFoundError):
        cards.add("Q", "A", session_id=99)


def test_pages_of_cards_hold_each_once(cards: Cards, wiring: Wiring, session_id: int) -> None:
    made = [cards.add(f"Q{number}", "A", session_id=session_id).id for number in range(7)]
    cards.add("other", "A", session_id=wiring.library.create_session("Other").id)
    found, after = [], None
    while True:
        page = cards.page(session_id=session_id, limit=3, after=after)
        found += [card.id for card in page.rows]
        if (after := page.next) is None:
            break
    assert found == made


def test_the_due_cards_are_found_by_an_index(wiring: Wiring) -> None:
    with wiring.catalog.read() as db:
        plan = db.execute("EXPLAIN QUERY PLAN SELECT 1 FROM cards WHERE due_at <= '2026' ORDER BY due_at, id LIMIT 1")
        assert "cards_by_due" in plan.fetchone()[3]
        assert rows.count_due(db, "9999") == 0
