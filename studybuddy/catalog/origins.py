"""Where files were before they came here: by it, nothing is imported twice and old addresses find their new ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlite_utils import Database

_MOST = 500  # parameters of one query


@dataclass(frozen=True, slots=True)
class Known:
    """A file that came from an address, the last one if there are several."""

    file_id: int
    session_id: int
    size: int
    sha256: str
    created_at: str
    in_trash: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a file was, and where it is."""

    file_id: int
    name: str
    size: int
    sha256: str
    old_url: str
    storage_id: int  # of the current copy
    key: str
    base_url: str  # of that storage: base_url + key is the object's own address


def known(db: Database, origin_urls: Sequence[str]) -> dict[str, Known]:
    """Return the files that came from these addresses, also from the trash."""
    found: dict[str, Known] = {}
    for start in range(0, len(origin_urls), _MOST):
        some = origin_urls[start : start + _MOST]
        rows = db.execute(
            f"""SELECT origin_url, id, session_id, size, sha256, created_at, trashed_at IS NOT NULL FROM files
            WHERE origin_url IN ({", ".join("?" * len(some))}) AND current_copy_id IS NOT NULL ORDER BY id""",
            list(some),
        )
        found |= {row[0]: Known(row[1], row[2], row[3], row[4], row[5], bool(row[6])) for row in rows.fetchall()}
    return found


def moved(db: Database) -> Iterator[Moved]:
    """Yield every file outside the trash that came from elsewhere, oldest first.

    One that was adopted at Supabase and has moved since came from its copy there.
    """
    rows = db.execute(
        """SELECT files.id, files.name, files.size, files.sha256, files.origin_url, current.storage_id, current.key,
            storages.base_url, '', ''
        FROM files JOIN copies AS current ON current.id = files.current_copy_id
        JOIN storages ON storages.id = current.storage_id
        WHERE files.origin_url IS NOT NULL AND files.trashed_at IS NULL
        UNION ALL
        SELECT files.id, files.name, files.size, files.sha256, NULL, current.storage_id, current.key,
            storages.base_url, before.base_url, earlier.key
        FROM storages AS before JOIN copies AS earlier ON earlier.storage_id = before.id
        JOIN files ON files.id = earlier.file_id AND files.current_copy_id <> earlier.id
        JOIN copies AS current ON current.id = files.current_copy_id
        JOIN storages ON storages.id = current.storage_id
        WHERE before.url LIKE 'supabase:%' AND files.origin_url IS NULL AND files.trashed_at IS NULL
        ORDER BY 1"""
    )
    return (_moved(row) for row in rows)


def _moved(row: Sequence[Any]) -> Moved:
    file_id, name, size, sha256, origin_url, storage_id, key, base_url, old_base, old_key = row
    old_url = origin_url or old_base + quote(old_key, safe="/")
    return Moved(file_id, name, size, sha256, old_url, storage_id, key, base_url)
