"""What triggers keep equals what a recount gives, after anything that can happen."""

import random
from collections import Counter
from dataclasses import dataclass, field

import pytest
from sqlite_utils import Database

from studybuddy.catalog import copies, files, lectures, links, sessions, tags, totals
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.words import sort_key, words
from studybuddy.kinds import Kind
from tests.catalog import rows

NAMES = ("lecture 1.pdf", "Übung.pdf", "量子力学.m4a", "lecture lecture 2.m4a", "it's.txt", "-")
TAGS = ("exam", "Prüfung", "exam lecture")
KINDS: tuple[Kind, ...] = ("document", "audio", "image")
LIVE = "files.current_copy_id IS NOT NULL AND files.trashed_at IS NULL"


@dataclass
class Walk:
    """One random walk through everything that changes rows."""

    db: Database
    pick: random.Random
    sessions: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def step(self) -> None:
        """Do one thing."""
        deeds = (
            self.make_session, self.add, self.add, self.add, self.begin, self.trash, self.restore, self.move,
            self.rename, self.drop, self.switch, self.link, self.unlink, self.retitle, self.retag, self.lecture,
            self.trash_session, self.drop_session, self.remeasure, self.spoil, self.mend, self.want, self.doom,
        )  # fmt: skip
        self.pick.choice(deeds)()

    def make_session(self) -> None:
        notes = self.pick.choice(("", "lecture notes", "量子"))
        tagged = tuple(self.pick.sample(TAGS, 2))
        self.sessions.append(
            rows.session(self.db, self.pick.choice(NAMES), subject="Physik", notes=notes, tagged=tagged)
        )

    def _session(self) -> int:
        return self.pick.choice(self.sessions)

    def _file(self) -> int:
        if not self.files:
            self.add()
        return self.pick.choice(self.files)

    def add(self) -> None:
        self.begin()
        rows.copy(self.db, self.files[-1], storage_id=self.pick.choice((rows.LOCAL, rows.S3)))

    def begin(self) -> None:
        kind, size = self.pick.choice(KINDS), self.pick.choice((0, 99, 4095, 4096, 131072))
        self.files.append(rows.begun(self.db, self._session(), self.pick.choice(NAMES), kind=kind, size=size))

    def trash(self) -> None:
        files.set_trashed(self.db, [self._file(), self._file()], "2026-01-01T00:00:00.000000Z")

    def restore(self) -> None:
        files.set_trashed(self.db, [self._file()], None)

    def move(self) -> None:
        file_id, session_id = self._file(), self._session()
        files.update(self.db, file_id, session_id=session_id)
        if self.pick.random() < 0.5:
            links.delete(self.db, session_id=session_id, file_id=file_id)

    def rename(self) -> None:
        files.update(self.db, self._file(), name=self.pick.choice(NAMES))

    def remeasure(self) -> None:
        files.update(self.db, self._file(), duration_ms=self.pick.choice((None, 5)), kind=self.pick.choice(KINDS))

    def drop(self) -> None:
        file_id = self._file()
        copies.doom_all_of(self.db, file_id)
        lectures.delete_of_file(self.db, file_id)
        files.delete(self.db, file_id)
        self.files.remove(file_id)

    def switch(self) -> None:
        rows.copy(self.db, self._file(), storage_id=self.pick.choice((rows.LOCAL, rows.S3)))

    def spoil(self) -> None:
        self.db.execute("UPDATE copies SET state = 'bad' WHERE id = ?", [self._copy()])

    def mend(self) -> None:
        self.db.execute("UPDATE copies SET state = 'verified' WHERE state = 'bad'")

    def want(self) -> None:
        wanted = self.pick.choice((None, rows.S3))
        self.db.execute("UPDATE files SET wanted_storage_id = ? WHERE id = ?", [wanted, self._file()])

    def doom(self) -> None:
        copy_id = self._copy()
        if not self.db.execute("SELECT 1 FROM files WHERE current_copy_id = ?", [copy_id]).fetchone():
            copies.doom(self.db, copy_id)
            copies.forget(self.db, copy_id)

    def _copy(self) -> int:
        found = copies.of_file(self.db, self._file())
        return self.pick.choice(found).id if found else 0

    def link(self) -> None:
        links.insert(self.db, session_id=self._session(), file_id=self._file())

    def unlink(self) -> None:
        links.delete(self.db, session_id=self._session(), file_id=self._file())

    def retitle(self) -> None:
        sessions.update(self.db, self._session(), title=self.pick.choice(NAMES), description=self.pick.choice(NAMES))
        sessions.update(self.db, self._session(), subject=self.pick.choice(NAMES))

    def retag(self) -> None:
        tags.replace(self.db, self._session(), self.pick.sample(TAGS, self.pick.randrange(3)))

    def lecture(self) -> None:
        lecture_id = lectures.insert(self.db, session_id=self._session(), title="L", recorded_on=None)
        lectures.update(self.db, lecture_id, session_id=self._session(), audio_file_id=self._file())

    def trash_session(self) -> None:
        sessions.update(self.db, self._session(), trashed_at=self.pick.choice((None, "2026-01-01T00:00:00.000000Z")))

    def drop_session(self) -> None:
        if len(self.sessions) < 3:
            return
        session_id = self._session()
        for file_id in files.ids_in_session(self.db, session_id):
            copies.doom_all_of(self.db, file_id)
            files.delete(self.db, file_id)
            self.files.remove(file_id)
        lectures.delete_in_session(self.db, session_id)
        sessions.delete(self.db, session_id)
        self.sessions.remove(session_id)


@pytest.mark.parametrize("seed", range(8))
def test_counts_and_words_are_true_after_anything(catalog: Catalog, seed: int) -> None:
    with catalog.write() as db:
        walk = Walk(db, random.Random(seed))
        for _ in range(3):
            walk.make_session()
        for number in range(400):
            walk.step()
            if number % 50 == 0:
                assert_true(db)
        assert_true(db)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def assert_true(db: Database) -> None:
    """Compare everything that is kept with a recount."""
    assert _kept_counts(db) == _recounted(db)
    assert _kept_words(db) == _reread_words(db)
    for table, text in (("sessions", "title"), ("files", "name")):
        for value, key in db.execute(f"SELECT {text}, {text}_key FROM {table}").fetchall():
            assert key == sort_key(value)


def _kept_counts(db: Database) -> dict[str, object]:
    return {
        "holdings": _rows(db, "SELECT session_id, kind, storage_id, files FROM holdings"),
        "totals": _rows(db, "SELECT storage_id, kind, files, bytes, duration_ms FROM totals WHERE files > 0"),
        "empty": _rows(db, "SELECT 1 FROM totals WHERE files = 0 AND (bytes <> 0 OR duration_ms <> 0)"),
        "days": _rows(db, "SELECT day, files, bytes FROM days WHERE files > 0"),
        "sessions": _rows(db, "SELECT id, file_count, size, lecture_count FROM sessions"),
        "session_total": totals.read(db).sessions,
        "storage": _rows(db, "SELECT id, storage_id FROM files"),
        "place": _rows(db, "SELECT id, place FROM files WHERE current_copy_id IS NOT NULL"),
        "held": _rows(
            db, "SELECT storage_id, least, sum(objects), sum(bytes) FROM held_days GROUP BY 1, 2 HAVING sum(objects)"
        ),
    }


def _recounted(db: Database) -> dict[str, object]:
    live = f"FROM files JOIN copies ON copies.id = current_copy_id WHERE {LIVE}"
    return {
        "holdings": _rows(db, f"SELECT session_id, kind, copies.storage_id, count(*) {live} GROUP BY 1, 2, 3"),
        "totals": _rows(
            db,
            f"SELECT copies.storage_id, kind, count(*), sum(size), sum(coalesce(duration_ms, 0)) {live} GROUP BY 1, 2",
        ),
        "empty": [],
        "days": _rows(db, f"SELECT substr(files.created_at, 1, 10), count(*), sum(size) {live} GROUP BY 1"),
        "sessions": _rows(
            db,
            f"""SELECT id, (SELECT count(*) FROM files WHERE session_id = sessions.id AND {LIVE}),
            (SELECT coalesce(sum(size), 0) FROM files WHERE session_id = sessions.id AND {LIVE}),
            (SELECT count(*) FROM lectures WHERE session_id = sessions.id) FROM sessions""",
        ),
        "session_total": db.execute("SELECT count(*) FROM sessions WHERE trashed_at IS NULL").fetchone()[0],
        "storage": _rows(
            db, "SELECT files.id, copies.storage_id FROM files LEFT JOIN copies ON copies.id = files.current_copy_id"
        ),
        "place": _rows(db, "SELECT file_id, place FROM file_places"),
        "held": _rows(
            db,
            """SELECT copies.storage_id, (SELECT max(least) FROM bands WHERE least <= size), count(*), sum(size)
            FROM copies JOIN files ON files.id = file_id WHERE state IN ('verified', 'bad') GROUP BY 1, 2""",
        ),
    }


def _kept_words(db: Database) -> Counter[tuple[int, str]]:
    return Counter(
        {(row[0], row[1]): row[2] for row in db.execute("SELECT session_id, word, uses FROM words").fetchall()}
    )


def _reread_words(db: Database) -> Counter[tuple[int, str]]:
    texts = db.execute(
        f"""SELECT id, title FROM sessions UNION ALL SELECT id, subject FROM sessions
        UNION ALL SELECT id, description FROM sessions
        UNION ALL SELECT session_id, name FROM session_tags JOIN tags ON tags.id = tag_id
        UNION ALL SELECT session_id, name FROM files WHERE {LIVE}
        UNION ALL SELECT links.session_id, name FROM links JOIN files ON files.id = file_id
            WHERE {LIVE} AND links.session_id <> files.session_id"""
    ).fetchall()
    return Counter((session_id, word) for session_id, text in texts for word in words(text))


def _rows(db: Database, query: str) -> list[object]:
    return sorted(db.execute(query).fetchall())


def test_a_file_that_moves_leaves_its_session_and_its_day_alone(catalog: Catalog) -> None:
    with catalog.write() as db:
        file_id = rows.file(db, rows.session(db, "A"), "a.pdf")
        source = copies.current(db, file_id).id
        target = copies.insert(db, file_id=file_id, storage_id=rows.S3, key="there", writer="w")
        for table in ("sessions", "days"):
            db.execute(
                f"CREATE TEMP TRIGGER {table}_stay BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'touched'); END"
            )
        assert copies.switch(db, file_id=file_id, source_copy_id=source, target_copy_id=target)
        assert db.execute("SELECT storage_id, files FROM holdings").fetchall() == [(rows.S3, 1)]
