"""Flashcards: made, changed, answered, exported."""

from starlette.responses import Response

from studybuddy import fields
from studybuddy.api.declared import Given, Number, Text
from studybuddy.api.operations import Call, Operation, json_answer
from studybuddy.api.sessions import PAGED
from studybuddy.api.shapes import NUMBER, TEXT, TIME, array_of, object_of, or_null
from studybuddy.cards import exports
from studybuddy.cards.spacing import RATINGS
from studybuddy.catalog import cards
from studybuddy.names import content_disposition
from studybuddy.shapes import card_json

_CARD = object_of({
    "id": NUMBER, "session_id": NUMBER, "file_id": or_null(NUMBER), "page": or_null(NUMBER), "at_ms": or_null(NUMBER),
    "front": TEXT, "back": TEXT, "due_at": TIME, "reviewed_at": or_null(TIME),
    "created_at": TIME, "updated_at": TIME,
})  # fmt: skip
_DUE = object_of({
    "count": NUMBER, "card": or_null(_CARD), "wait_s": or_null(object_of(dict.fromkeys(RATINGS, NUMBER))),
})  # fmt: skip


def list_cards(call: Call) -> Response:
    session_id = call.query.get("session")
    if session_id is not None:
        call.wiring.library.session(session_id)
    page = call.wiring.cards.page(
        session_id=session_id, limit=call.query.get("limit", 50), after=call.query.get("after")
    )  # fmt: skip
    return json_answer({"cards": list(map(card_json, page.rows)), "next": page.next})


def due(call: Call) -> Response:
    ours, session_id = call.wiring.cards, call.query.get("session")
    card = ours.due(session_id=session_id)
    waits = ours.waits(card) if card else {}
    return json_answer(
        {
            "count": ours.count_due(session_id=session_id),
            "card": card_json(card) if card else None,
            "wait_s": {rating: round(wait.total_seconds()) for rating, wait in waits.items()} or None,
        }
    )


def add(call: Call) -> Response:
    return json_answer(card_json(call.wiring.cards.add(**call.body)), 201)


def read(call: Call) -> Response:
    return json_answer(card_json(call.wiring.cards.get(call.id("card_id"))))


def change(call: Call) -> Response:
    return json_answer(card_json(call.wiring.cards.change(call.id("card_id"), **call.body)))


def delete(call: Call) -> Response:
    call.wiring.cards.delete(call.id("card_id"))
    return Response(status_code=204)


def answer(call: Call) -> Response:
    return json_answer(card_json(call.wiring.cards.answer(call.id("card_id"), call.body["rating"])))


def take_back(call: Call) -> Response:
    return json_answer(card_json(call.wiring.cards.take_back(call.id("card_id"))))


def export(call: Call) -> Response:
    form: exports.Form = call.query.get("format", "apkg")
    session_id = call.query.get("session")
    about = "" if session_id is None else f" of {call.wiring.library.session(session_id).title}"
    with call.wiring.catalog.read() as db:
        content = exports.as_bytes(cards.all_of(db, session_id=session_id), form)
    headers = {"Content-Disposition": content_disposition(f"Cards{about}.{form}", attachment=True)}
    return Response(content, media_type=exports.TYPES[form], headers=headers)


_SESSION = Given("session", Number(), "Only cards of this session")
_ONE = "/api/v1/cards/{card_id}"

OPERATIONS = (
    Operation(
        "GET", "/api/v1/cards", list_cards, "List flashcards in the order in which they were made",
        {200: object_of({"cards": array_of(_CARD), "next": or_null(TEXT)})}, query=(_SESSION, *PAGED),
    ),
    Operation(
        "GET", "/api/v1/cards/due", due,
        "Give the card that has been due for longest, with the seconds after which each answer would bring it again",
        {200: _DUE}, query=(_SESSION,),
    ),
    Operation(
        "GET", "/api/v1/cards/export", export, "Give cards as a package for Anki or as CSV", {200: None},
        query=(_SESSION, Given("format", Text(choices=("apkg", "csv")), "`apkg` when not given")),
    ),
    Operation(
        "POST", "/api/v1/cards", add, "Make a card of a session, or from a file at a page or a moment", {201: _CARD},
        body=(
            Given("front", Text(fields.MAX_CARD_SIDE, min_length=1), "The question", required=True),
            Given("back", Text(fields.MAX_CARD_SIDE, min_length=1), "The answer", required=True),
            Given("session_id", Number(), "Its session; a file's own when there is a file"),
            Given("file_id", Number(), "The file that it is made from"),
            Given("page", Number(1), "The page there"),
            Given("at_ms", Number(0), "The moment there, in milliseconds from the beginning"),
        ),
    ),
    Operation("GET", _ONE, read, "Show a card", {200: _CARD}),
    Operation(
        "PATCH", _ONE, change, "Change a card's sides; what is known of it stays", {200: _CARD},
        body=(
            Given("front", Text(fields.MAX_CARD_SIDE, min_length=1), "The question"),
            Given("back", Text(fields.MAX_CARD_SIDE, min_length=1), "The answer"),
        ),
    ),
    Operation("DELETE", _ONE, delete, "Delete a card", {204: None}),
    Operation(
        "POST", f"{_ONE}/answer", answer, "Note how well a card was known", {200: _CARD},
        body=(Given("rating", Text(choices=RATINGS), "How well it was known", required=True),),
    ),
    Operation("POST", f"{_ONE}/take-back", take_back, "Take the last answer to a card back", {200: _CARD}),
)  # fmt: skip
