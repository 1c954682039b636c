"""SQLite files of other programs: read as they are, and rewritten in place after a backup."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

from studybuddy.errors import ConflictError, InvalidInputError

Found = tuple[tuple[object, ...], str]  # a row's key, and a text in it
Rewrite = Callable[[str], tuple[str, int]]  # a text to the new one, and how many places in it were changed

_WAIT_S = 10


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What was changed in one column."""

    table: str
    column: str
    rows: int
    places: int


def tables(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the tables and views of a database with their columns."""
    with _opened(path) as conn:
        return {name: tuple(_columns(conn, name)) for name in _tables(conn, "table", "view", "virtual")}


def rows(path: Path, table: str, *, at_once: int) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of a table in groups."""
    # Slow to load, and only needed for tables.
    import pandas as pd  # noqa: PLC0415

    with _opened(path) as conn:
        query = f"SELECT * FROM {_quoted(table)}"
        for frame in pd.read_sql_query(query, conn, chunksize=at_once, dtype=object):
            yield frame.to_dict("records")


def rewrite(path: Path, change: Rewrite) -> tuple[Path | None, list[Rewritten], list[str]]:
    """Change the texts of every table in one transaction; nothing is changed when it fails.

    Return the backup that was made before (None when nothing had to be changed), what was changed in which column, and
    the names of the tables that cannot be rewritten.
    """
    with _opened(path, writing=True) as conn:
        conn.execute("BEGIN IMMEDIATE")
        # Before the first change: behind a large one, nobody else may read.
        backup = _backup(path)
        try:
            changed = [one for table in _tables(conn, "table") for one in _rewrite_table(conn, table, change)]
            left = _tables(conn, "virtual")
            conn.commit()
        except BaseException:
            conn.rollback()
            backup.unlink()
            raise
    if not changed:
        backup.unlink()
    return backup if changed else None, changed, left


def update_statement(table: str, column: str, new: str, *, exact: Sequence[str], begun: Sequence[str]) -> str:
    """Return one line of SQL that sets a column where it is one of `exact`, or begins with one of `begun`."""
    name = _quoted(column)
    wanted = [f"{name} IN ({', '.join(map(_text, exact))})"]
    wanted += [f"{name} LIKE {_text(_like(text))} ESCAPE '!'" for text in begun]
    return f"UPDATE {_quoted(table)} SET {name} = {_text(new)} WHERE {' OR '.join(wanted)};\n"


def _like(beginning: str) -> str:
    escaped = beginning.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"{escaped}%"


def _rewrite_table(conn: sqlite3.Connection, table: str, change: Rewrite) -> Iterator[Rewritten]:
    key = _key(conn, table)
    for column in _columns(conn, table):
        rows = places = 0
        for ids, text in _texts(conn, table, key, column):
            new, count = change(text)
            if count:
                where = " AND ".join(f"{one} IS ?" for one in key)
                conn.execute(f"UPDATE {_quoted(table)} SET {_quoted(column)} = ? WHERE {where}", [new, *ids])
                rows, places = rows + 1, places + count
        if rows:
            yield Rewritten(table, column, rows, places)


def _texts(conn: sqlite3.Connection, table: str, key: list[str], column: str) -> Iterator[Found]:
    """Yield the key and the text of every row that may hold an address; read to the end before any is changed."""
    name = _quoted(column)
    found = conn.execute(
        f"""SELECT {", ".join(key)}, {name} FROM {_quoted(table)}
        WHERE typeof({name}) = 'text' AND {name} LIKE '%http%'"""
    )
    return ((row[:-1], row[-1]) for row in found.fetchall())


def _key(conn: sqlite3.Connection, table: str) -> list[str]:
    """Return what tells the rows of a table apart: its rowid, else its primary key."""
    row = conn.execute("SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?", [table]).fetchone()
    own = {name.lower() for name in _columns(conn, table)}
    free = next((name for name in ("rowid", "_rowid_", "oid") if name not in own), None)
    if not row[0] and free:
        return [free]
    keys = conn.execute("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", [table]).fetchall()
    if not keys:
        raise InvalidInputError(f"The rows of the table {table} cannot be told apart", fix="Give it a primary key.")
    return [_quoted(name) for (name,) in keys]


def _columns(conn: sqlite3.Connection, table: str) -> list[str]:
    """Return the columns that are stored."""
    found = conn.execute("SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid", [table]).fetchall()
    return [str(name) for (name,) in found]


def _tables(conn: sqlite3.Connection, *kinds: str) -> list[str]:
    marks = ", ".join("?" * len(kinds))
    found = conn.execute(
        f"""SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ({marks})
        AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name""",
        kinds,
    )
    return [str(name) for (name,) in found.fetchall()]


def _backup(path: Path) -> Path:
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    names = (path.with_name(f"{path.stem}.before-{moment}{more}{path.suffix}") for more in chain([""], count(-2, -1)))
    kept = next(name for name in names if not name.exists())
    part = kept.with_name(f"{kept.name}.part")
    with _opened(path) as conn, closing(sqlite3.connect(part)) as copy:
        conn.backup(copy)
    part.replace(kept)
    return kept


@contextmanager
def _opened(path: Path, *, writing: bool = False) -> Iterator[sqlite3.Connection]:
    uri = f"{path.absolute().as_uri()}?mode={'rw' if writing else 'ro'}"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=_WAIT_S, isolation_level=None)) as conn:
            yield conn
    except sqlite3.OperationalError as error:
        raise ConflictError(
            f"{path.name} cannot be used: {error}", fix="Close the program that has it open, and look at permissions."
        ) from error
    except sqlite3.DatabaseError as error:
        raise InvalidInputError(f"{path.name} cannot be changed: {error}", fix="Look at its tables.") from error


def _quoted(name: str, mark: str = '"') -> str:
    return f"{mark}{name.replace(mark, mark * 2)}{mark}"


def _text(value: str) -> str:
    return _quoted(value, "'")
