"""Other programs' tables of lectures, as CSV, JSON or SQLite: their rows, and what each column means."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from studybuddy.catalog import foreign
from studybuddy.errors import InvalidInputError
from studybuddy.kinds import Kind
from studybuddy.units import TIME_FORMAT

_ROWS = 5000  # at a time
_SQLITE = b"SQLite format 3\x00"
_LINES = (".jsonl", ".ndjson")
_TITLES = ("lecture_title", "title", "lecture_name", "name", "topic")
_SESSIONS = (
    "session_title", "session_name", "session", "course_title", "course_name", "course", "class_name", "classroom",
    "class", "subject_name", "subject",
)  # fmt: skip
_DAYS = ("recorded_on", "recorded_at", "lecture_date", "date", "created_at", "uploaded_at")
_TIMES = ("created_at", "uploaded_at", "inserted_at", "recorded_at")
# What a column's name says of its files.
_EXPECTED: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (re.compile("audio|recording|sound|voice"), "audio"),
    (re.compile("image|avatar|photo|picture|thumbnail|cover|logo"), "image"),
    (re.compile("doc|pdf|slide|paper|note|transcript"), "document"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row, its values as text."""

    label: str  # "row 7 (id 12)"
    values: Mapping[str, str]

    @property
    def title(self) -> str | None:
        """What it is called."""
        return self._first(_TITLES)

    @property
    def session(self) -> str | None:
        """What it belongs to."""
        return self._first(_SESSIONS)

    @property
    def recorded_on(self) -> str | None:
        """The date of its recording."""
        found = (_moment(self._by_name(name)) for name in _DAYS)
        return next((moment.date().isoformat() for moment in found if moment), None)

    @property
    def created_at(self) -> str | None:
        """When it was made."""
        found = (_moment(self._by_name(name)) for name in _TIMES)
        return next((moment.astimezone(UTC).strftime(TIME_FORMAT) for moment in found if moment), None)

    def _first(self, names: Iterable[str]) -> str | None:
        return next((value for name in names if (value := self._by_name(name))), None)

    def _by_name(self, name: str) -> str:
        return next((value.strip() for column, value in self.values.items() if column.lower() == name), "")


@dataclass(frozen=True, slots=True)
class Table:
    """A table in a file, and those of its columns that hold addresses."""

    path: Path
    name: str  # of the table in a SQLite file, else the file's own
    columns: tuple[str, ...]

    def rows(self) -> Iterator[Row]:
        """Yield every row. Raises InvalidInputError when the file cannot be read to its end."""
        number = 0
        for frame in _frames(self.path, self.name):
            for values in frame:
                number += 1
                texts = {str(column): _text(value) for column, value in values.items()}
                own = texts.get("id") or texts.get("ID") or ""
                yield Row(f"row {number}" + (f" (id {own})" if own else ""), texts)


def opened(path: Path, *, name: str | None, columns: Sequence[str]) -> Table:
    """Look at a table; its columns of addresses are those given, or those that are called so.

    Raises InvalidInputError when the file, the table or a column is not there.
    """
    if not path.is_file():
        raise InvalidInputError(f"There is no file {path}", fix="Name a CSV, JSON or SQLite file.")
    if is_sqlite(path):
        name = name or _likely_table(path, columns)
    elif name and path.suffix.lower() != ".json":
        raise InvalidInputError(f"{path.name} has no tables", fix="Leave --table out.")
    there = _columns(path, name or path.stem)
    _expect_rows(path, name or path.stem, there)
    if missing := [column for column in columns if column not in there]:
        raise InvalidInputError(
            f"{path.name} has no column {', '.join(missing)}", fix=f"There are: {', '.join(there)}."
        )
    wanted = tuple(columns) or tuple(column for column in there if is_called_url(column))
    if not wanted:
        raise InvalidInputError(
            f"No column of {path.name} is called a URL", fix=f"Name one: --column. There are: {', '.join(there)}."
        )
    return Table(path, name or path.stem, wanted)


def _expect_rows(path: Path, name: str, there: Sequence[str]) -> None:
    if is_sqlite(path) or any(True for frame in _frames(path, name) for _ in frame):
        return
    found = f"Its columns are {', '.join(there)}" if there else "It has no columns"
    raise InvalidInputError(
        f"{path.name} has no rows",
        fix=f"{found}. What is needed: a row for each file, with its address in a column that is called a URL, e.g. "
        "audio_url.",
    )


def is_sqlite(path: Path) -> bool:
    """Tell whether a file is a SQLite database."""
    with path.open("rb") as stream:
        return stream.read(len(_SQLITE)) == _SQLITE


def is_called_url(column: str) -> bool:
    """Tell whether a column's name says that it holds addresses."""
    words = re.split(r"[^a-z]+", column.lower())
    return any(word.endswith(("url", "urls", "uri", "uris")) for word in words)


def expected_kind(column: str) -> Kind | None:
    """Return the kind of files that a column's name tells, or None."""
    return next((kind for pattern, kind in _EXPECTED if pattern.search(column.lower())), None)


def addresses_in(value: str) -> list[str]:
    """Return the addresses in a cell: one, or several as a JSON list."""
    value = value.strip()
    if value.startswith("["):
        try:
            listed = json.loads(value)
        except ValueError:
            return [value]
        if all(isinstance(one, str) for one in listed):
            return [one.strip() for one in listed if one.strip()]
    return [value] if value else []


def _likely_table(path: Path, columns: Sequence[str]) -> str:
    def fits(there: Sequence[str]) -> bool:
        return set(columns) <= set(there) if columns else any(map(is_called_url, there))

    tables = foreign.tables(path)
    likely = [name for name, there in tables.items() if fits(there)]
    if "lectures" in likely:
        return "lectures"
    if len(likely) == 1:
        return likely[0]
    found = ", ".join(likely or tables) or "none"
    what = "Several tables have" if likely else "No table has"
    raise InvalidInputError(f"{what} a column of addresses", fix=f"Name one: --table. There are: {found}.")


def _columns(path: Path, name: str) -> list[str]:
    if is_sqlite(path):
        tables = foreign.tables(path)
        if name not in tables:
            raise InvalidInputError(f"There is no table {name!r}", fix=f"There are: {', '.join(tables)}.")
        return list(tables[name])
    if path.suffix.lower() not in {".json", *_LINES}:
        return _heading(path)
    there: dict[str, None] = {}
    for frame in _frames(path, name):
        for values in frame:
            there |= dict.fromkeys(map(str, values))
    return list(there)


def _heading(path: Path) -> list[str]:
    import pandas as pd  # noqa: PLC0415

    with _readable(path):
        return list(pd.read_csv(path, dtype=str, nrows=0, encoding="utf-8-sig", sep=_separator(path)).columns)


def _frames(path: Path, name: str) -> Iterator[Iterable[Mapping[Any, Any]]]:
    """Yield the rows in groups, as pandas reads them."""
    # Slow to load, and only needed for tables.
    import pandas as pd  # noqa: PLC0415

    with _readable(path):
        if is_sqlite(path):
            yield from foreign.rows(path, name, at_once=_ROWS)
        elif path.suffix.lower() in _LINES:
            with path.open(encoding="utf-8-sig") as stream:
                yield _objects([json.loads(line) for line in stream if line.strip()])
        elif path.suffix.lower() == ".json":
            yield _objects(_listed(json.loads(path.read_text("utf-8-sig")), name))
        else:
            with pd.read_csv(
                path, dtype=str, keep_default_na=False, chunksize=_ROWS, encoding="utf-8-sig", sep=_separator(path)
            ) as frames:
                for frame in frames:
                    yield frame.to_dict("records")


def _listed(document: object, name: str) -> object:
    """Return the list in a JSON document: the whole, or the one under a name."""
    if isinstance(document, dict):
        lists = {key: value for key, value in document.items() if isinstance(value, list)}
        return lists.get(name, next(iter(lists.values())) if len(lists) == 1 else None)
    return document


def _objects(listed: object) -> list[Mapping[str, Any]]:
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise ValueError("no list of objects")
    return listed


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, AttributeError) as error:  # what pandas says of a malformed file
        raise InvalidInputError(
            f"{path.name} cannot be read as a table", fix="Save it as CSV (UTF-8) with a line of column names."
        ) from error
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}", fix="Look at its permissions.") from error


def _separator(path: Path) -> str:
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        head = stream.readline()
    return max(",;\t", key=head.count)


def _text(value: object) -> str:
    if value is None or isinstance(value, bytes) or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value) if isinstance(value, list | dict) else str(value)


def _moment(text: str) -> datetime | None:
    """Return a time that is written as ISO 8601 says; others could mean several."""
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
