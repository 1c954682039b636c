"""A catalog of its own for each test."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from studybuddy.catalog import files, sessions, storages
from studybuddy.catalog.connection import Catalog
from studybuddy.kinds import Kind
from tests.catalog import rows

TITLES = ("Thermodynamik", "Week 2", "Week 10", "量子力学", "Économie", "it's C++")
NAMES = ("lecture 1.pdf", "Übung.pdf", "复习.m4a", "thermo notes.txt", "IMG_77.jpg")
TAGS = ("exam", "Prüfung", "rare")
SUBJECTS = ("Physics", "Mathe", "")
KINDS: tuple[Kind, ...] = ("document", "audio", "image")


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """An empty catalog that knows two storages: 1 is local, 2 is in S3."""
    catalog = Catalog(tmp_path / "catalog.db")
    catalog.prepare()
    with catalog.write() as db:
        storages.register(db, url="local:a", label="this computer", base_url="file:///uploads/")
        storages.register(
            db, url="s3://b", label="S3", base_url="https://b.s3.eu-west-1.amazonaws.com/", region="eu-west-1"
        )
    yield catalog
    catalog.close()


@pytest.fixture
def library(catalog: Catalog) -> Catalog:
    """A catalog of 120 sessions with a few files each, some in the trash."""
    pick = random.Random(5)
    with catalog.write() as db:
        for _ in range(120):
            tagged = tuple(tag for tag, share in zip(TAGS, (0.5, 0.3, 0.03), strict=True) if pick.random() < share)
            title, subject = f"{pick.choice(TITLES)} {pick.randrange(5)}", pick.choice(SUBJECTS)
            session_id = rows.session(db, title, subject=subject, notes=pick.choice(("", "read it")), tagged=tagged)
            day = date(2026, 1, 1) + timedelta(days=pick.randrange(30))
            for _ in range(pick.randrange(4)):
                kind, storage_id = pick.choice(KINDS), pick.choice((rows.LOCAL, rows.S3))
                size = pick.randrange(3)
                file_id = rows.file(db, session_id, pick.choice(NAMES), kind=kind, size=size, storage_id=storage_id)
                if pick.random() < 0.1:
                    files.set_trashed(db, [file_id], "2026-01-01T00:00:00.000000Z")
            trashed = "2026-02-01T00:00:00.000000Z" if pick.random() < 0.1 else None
            sessions.update(db, session_id, trashed_at=trashed)
            db.execute(
                "UPDATE sessions SET created_at = ?, updated_at = ? WHERE id = ?",
                [f"{day - timedelta(days=pick.randrange(9))}T12:00:00.000000Z", f"{day}T12:00:00.000000Z", session_id],
            )
    return catalog
