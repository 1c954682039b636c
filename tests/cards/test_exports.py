"""Cards for Anki and for spreadsheets."""

import csv
import io
import sqlite3
import zipfile
from dataclasses import replace
from pathlib import Path

from studybuddy.cards import exports
from studybuddy.cards.spacing import new
from studybuddy.catalog.cards import Card

CARD = Card(
    id=1, guid="0123456789abcdef", session_id=4, session="Botany", session_created_at="2026-01-01T00:00:00.000000Z",
    file_id=9, file="leaf.pdf", page=3, at_ms=None, front="What <b>splits</b> water?", back="Photosystem II\n& light",
    memory=new("2026-03-02T09:00:00.000000Z"), created_at="", updated_at="",
)  # fmt: skip


def notes(package: bytes, tmp_path: Path) -> list[tuple[str, str, int]]:
    """Return what Anki reads: each note's identity, its fields and its deck."""
    with zipfile.ZipFile(io.BytesIO(package)) as whole:
        whole.extract("collection.anki2", tmp_path)
    db = sqlite3.connect(tmp_path / "collection.anki2")
    found = db.execute("SELECT guid, flds, did FROM notes JOIN cards ON nid = notes.id ORDER BY guid").fetchall()
    db.close()
    return found


def test_a_package_shows_texts_as_they_are_with_their_source(tmp_path: Path) -> None:
    ((guid, fields, _),) = notes(exports.as_bytes([CARD], "apkg"), tmp_path)
    assert guid == CARD.guid
    assert fields.split("\x1f") == [
        "What &lt;b&gt;splits&lt;/b&gt; water?", "Photosystem II<br>&amp; light", "leaf.pdf, page 3",
    ]  # fmt: skip


def test_formulas_are_formulas_in_anki(tmp_path: Path) -> None:
    card = replace(CARD, front="What is $a < b$? For $5 or $10", back="$$x^2$$")
    ((_, fields, _),) = notes(exports.as_bytes([card], "apkg"), tmp_path)
    assert fields.split("\x1f")[:2] == [r"What is \(a &lt; b\)? For $5 or $10", r"\[x^2\]"]


def test_a_second_export_has_the_same_identities_whatever_was_changed_meanwhile(tmp_path: Path) -> None:
    before = notes(exports.as_bytes([CARD], "apkg"), tmp_path)
    after = notes(exports.as_bytes([replace(CARD, front="Other", session="Renamed")], "apkg"), tmp_path)
    assert [(guid, deck) for guid, _, deck in before] == [(guid, deck) for guid, _, deck in after]


def test_each_session_is_a_deck_of_its_own(tmp_path: Path) -> None:
    other = replace(CARD, guid="fedcba9876543210", session_id=5, session="Other")
    assert len({deck for _, _, deck in notes(exports.as_bytes([CARD, other], "apkg"), tmp_path)}) == 2


def test_no_spreadsheet_takes_a_card_for_a_formula() -> None:
    card = replace(CARD, front="=1+1", page=None, at_ms=754_000)
    head, row = csv.reader(io.StringIO(exports.as_bytes([card], "csv").decode("utf-8-sig")))
    assert dict(zip(head, row, strict=True)) == {
        "session": "Botany", "front": "'=1+1", "back": "Photosystem II\n& light", "source": "leaf.pdf, 12:34",
        "due": "2026-03-02T09:00:00.000000Z", "id": CARD.guid,
    }  # fmt: skip


def test_no_cards_make_an_empty_file_not_an_error(tmp_path: Path) -> None:
    assert notes(exports.as_bytes([], "apkg"), tmp_path) == []
    assert exports.as_bytes([], "csv").decode("utf-8-sig").splitlines() == ["session,front,back,source,due,id"]
