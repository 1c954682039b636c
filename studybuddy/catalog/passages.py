"""Passages: a recording's words in stretches that are searched, made of its cues whenever those change."""

from collections.abc import Iterator, Sequence

from sqlite_utils import Database

from studybuddy.processing.results import Cue

_LONG = 500  # characters: about half a minute of speech
_SHARED = 120  # characters: so much of a passage is said again in the next, for phrases across their border
_FIRST = 1 << 20  # of a file's passages: below it are its pages


def settle(db: Database) -> None:
    """Make the passages anew of the recordings whose cues changed in this transaction."""
    due = [int(row[0]) for row in db.execute("SELECT file_id FROM passages_due ORDER BY file_id").fetchall()]
    for file_id in due:
        db.execute("DELETE FROM passages WHERE file_id = ?", [file_id])
        cues = of_file(db, file_id)
        db.conn.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?)",
            (
                ((file_id << 21) + _FIRST + number, file_id, part[0].start_ms, part[-1].start_ms, joined(part))
                for number, part in enumerate(_parts(cues))
            ),
        )
    if due:
        db.execute("DELETE FROM passages_due")


def of_file(db: Database, file_id: int) -> list[Cue]:
    """Return the cues of a recording in their order."""
    rows = db.execute(
        "SELECT start_ms, end_ms, text FROM cues WHERE file_id = ? ORDER BY start_ms, rowid", [file_id]
    ).fetchall()
    return [Cue(*row) for row in rows]


def joined(cues: Sequence[Cue]) -> str:
    """Return what cues say one after the other."""
    return " ".join(cue.text for cue in cues)


def _parts(cues: Sequence[Cue]) -> Iterator[Sequence[Cue]]:
    begin = length = 0
    for end, cue in enumerate(cues, start=1):
        length += len(cue.text)
        if length >= _LONG and begin + 1 < end < len(cues):
            yield cues[begin:end]
            begin = _shared_from(cues, begin, end)
            length = sum(len(shared.text) for shared in cues[begin:end])
    if cues:
        yield cues[begin:]


def _shared_from(cues: Sequence[Cue], begin: int, end: int) -> int:
    # Never the passage's own first cue: the next one must begin later.
    length = 0
    for place in range(end - 1, begin, -1):
        length += len(cues[place].text)
        if length >= _SHARED:
            return place
    return begin + 1
