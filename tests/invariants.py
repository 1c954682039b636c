"""What must be true of a library at rest, whatever happened to it before."""

import hashlib
from pathlib import Path

from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.errors import NotFoundError
from studybuddy.keys import BACKUPS
from studybuddy.wiring import Wiring


def check_at_rest(wiring: Wiring) -> None:
    """Hold the catalog against the disk: nothing half done, nothing stray, every file whole, every count right."""
    with wiring.catalog.read() as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("SELECT count(*) FROM copies WHERE state <> 'verified'").fetchone()[0] == 0
        assert db.execute("SELECT count(*) FROM files WHERE current_copy_id IS NULL").fetchone()[0] == 0
        rows = db.execute(
            """SELECT files.id, files.sha256, files.size, copies.key FROM files
            JOIN copies ON copies.id = files.current_copy_id"""
        ).fetchall()
        copies = {str(row[0]) for row in db.execute("SELECT key FROM copies").fetchall()}
        counted = db.execute("SELECT coalesce(sum(files), 0), coalesce(sum(bytes), 0) FROM totals").fetchone()
        true = db.execute("SELECT count(*), coalesce(sum(size), 0) FROM files WHERE trashed_at IS NULL").fetchone()
        assert tuple(counted) == tuple(true)
        counted = db.execute(
            "SELECT migration_id, state, files, bytes FROM migration_counts WHERE files <> 0 ORDER BY 1, 2"
        ).fetchall()
        true = db.execute(
            "SELECT migration_id, state, count(*), sum(size) FROM migration_items GROUP BY 1, 2 ORDER BY 1, 2"
        ).fetchall()
        assert counted == true
        lost = db.execute(
            """SELECT count(*) FROM lectures WHERE audio_file_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM files WHERE files.id = audio_file_id)"""
        ).fetchone()
        assert lost[0] == 0
    found = {info.key for storage in wiring.storages().opened.values() for info in storage.driver.list()}
    objects = {key for key in found if not key.startswith(BACKUPS)}
    assert objects == copies == {row[3] for row in rows}
    for file_id, sha256, size, _ in rows:
        assert digest(wiring, file_id) == (size, sha256)
    assert temporary_files(wiring) == []


def digest(wiring: Wiring, file_id: int) -> tuple[int, str]:
    """Read a file through the library; return its length and hex SHA-256."""
    hashing, size = hashlib.sha256(), 0
    with wiring.library.open(file_id) as stream:
        while piece := stream.read(1 << 20):
            hashing.update(piece)
            size += len(piece)
    return size, hashing.hexdigest()


def temporary_files(wiring: Wiring) -> list[Path]:
    """Return every temporary file, of whichever process, and what came of objects that were never finished."""
    folders = [wiring.settings.data_dir / "spool" / "tmp", wiring.settings.uploads_dir / ".study-buddy" / "tmp"]
    drivers = [storage.driver for storage in wiring.storages().opened.values()]
    folders += [driver.root / ".study-buddy" / "unfinished" for driver in drivers if isinstance(driver, LocalDriver)]
    return [path for folder in folders if folder.is_dir() for path in folder.iterdir()]


def exists(wiring: Wiring, file_id: int) -> bool:
    """Tell whether the catalog has an acknowledged file."""
    try:
        wiring.library.file(file_id)
    except NotFoundError:
        return False
    return True
