"""The storages that the catalog has met."""

from sqlite_utils import Database

from studybuddy.catalog.records import StorageRow


def register(db: Database, *, url: str, label: str, base_url: str) -> StorageRow:
    """Return the row of the storage with this identity, made when it is new, its label and place brought up to date."""
    db.execute(
        """INSERT INTO storages (url, label, base_url) VALUES (?, ?, ?)
        ON CONFLICT (url) DO UPDATE SET label = excluded.label, base_url = excluded.base_url""",
        [url, label, base_url],
    )
    return next(row for row in everything(db) if row.url == url)


def everything(db: Database) -> list[StorageRow]:
    """Return every storage, oldest first."""
    rows = db.execute("SELECT id, url, label, base_url FROM storages ORDER BY id").fetchall()
    return [StorageRow(*row) for row in rows]
