"""The storages that the catalog has met."""

from sqlite_utils import Database

from studybuddy.catalog.records import StorageRow


def register(db: Database, *, url: str, label: str, base_url: str, region: str = "") -> StorageRow:
    """Return the row of the storage with this identity, made when it is new, its label and place brought up to date."""
    db.execute(
        """INSERT INTO storages (url, label, base_url, region) VALUES (?, ?, ?, ?)
        ON CONFLICT (url) DO UPDATE
        SET label = excluded.label, base_url = excluded.base_url, region = excluded.region""",
        [url, label, base_url, region],
    )
    return next(row for row in everything(db) if row.url == url)


def everything(db: Database) -> list[StorageRow]:
    """Return every storage, oldest first."""
    rows = db.execute("SELECT id, url, label, base_url, region FROM storages ORDER BY id").fetchall()
    return [StorageRow(*row) for row in rows]


def was_used(db: Database, url: str) -> bool:
    """Tell whether the storage with this identity holds, or should hold, an object that was once acknowledged."""
    row = db.execute(
        """SELECT EXISTS (SELECT 1 FROM copies JOIN storages ON storages.id = copies.storage_id
        WHERE storages.url = ? AND copies.verified_at IS NOT NULL)""",
        [url],
    ).fetchone()
    return bool(row[0])
