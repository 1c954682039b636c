"""A made-up library for the catalog's benchmark: skewed as real ones are, the same for the same numbers."""

import hashlib
import random
import sqlite3
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from studybuddy.catalog import storages
from studybuddy.catalog.connection import Catalog
from studybuddy.units import TIME_FORMAT

TAGS = [f"tag-{number}" for number in range(190)] + ["Prüfung", "révision", "重要", "试验", "exam", "lab", "homework"]
TAGS += ["übung", "年度", "mock"]
SUBJECTS = [
    "Physics", "Mathematics", "Chemistry", "Biology", "Économie", "Informatik", "Geschichte",
    "物理学", "数学", "日本語",
    *(f"Subject {number}" for number in range(50)),
]  # fmt: skip
_TOPICS = tuple(
    """Thermodynamics Mechanics Optics Algebra Analysis Topology Genetics Evolution Économétrie Développement
Übungsblatt Größenordnung Elektrodynamik Statistics Probability Networks Databases Compilers Ethics Logic
量子力学 热力学 線形代数 微分積分 유기화학 Органика الفيزياء""".split()  # noqa: SIM905
)
_PLAIN = tuple(
    """energy entropy state system function vector matrix limit series proof theorem field cell protein enzyme
market price demand supply graph tree search sort page cache kernel lecture notes chapter exercise solution exam
review summary question answer important later reading paper experiment measurement error model data test
über für été où déjà naïve façade résumé 重点 复习 考试 講義 演習""".split()  # noqa: SIM905
)
_NAMES = (
    "lecture",
    "slides",
    "notes",
    "IMG",
    "scan",
    "Vorlesung",
    "Übung",
    "résumé",
    "講義",
    "复习资料",
    "exercise",
    "book",
)
_KINDS = {
    "document": (600_000, "pdf", "application/pdf"),
    "image": (220_000, "jpg", "image/jpeg"),
    "audio": (150_000, "m4a", "audio/mp4"),
    "caption": (29_900, "vtt", "text/vtt"),
    "other": (100, "bin", "application/octet-stream"),
}
_KIND_NAMES = list(_KINDS)
_KIND_STEPS = list(accumulate(weight for weight, _, _ in _KINDS.values()))
_NOW = datetime(2026, 9, 25, tzinfo=UTC)


@dataclass(slots=True)
class Made:
    """Where to look in a made library."""

    large_sessions: list[int] = field(default_factory=list)
    rare_words: list[str] = field(default_factory=list)


class Maker:
    """Fills an empty catalog."""

    def __init__(self, *, files: int, sessions: int, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._files = files
        self._sessions = sessions
        self._made = Made()
        self._hashes: list[str] = []

    def fill(self, catalog: Catalog) -> Made:
        """Write everything in one transaction, through the catalog's own triggers."""
        with catalog.write() as db:
            # Pages wait in memory until the commit: writing them is not what is measured here.
            db.execute("PRAGMA cache_size = -2000000")
            for name in ("local:made", "s3://new-bucket", "s3://old-bucket"):
                storages.register(db, url=name, label=name, base_url=f"/{name}/")
            for tag in TAGS:
                db.execute("INSERT INTO tags (name) VALUES (?)", [tag])
            self._write_sessions(db.conn)
            self._write_files(db.conn)
            self._write_links(db.conn)
            self._throw_away(db.conn)
        return self._made

    def _write_sessions(self, connection: sqlite3.Connection) -> None:
        pick = self._random
        for session_id in range(1, self._sessions + 1):
            title, created = self._title(session_id), self._moment()
            subject = SUBJECTS[int(len(SUBJECTS) * pick.random() ** 3)]
            description = " ".join(pick.choices(_PLAIN, k=pick.randrange(60))) if pick.random() < 0.7 else ""
            connection.execute(
                """INSERT INTO sessions (id, owner_id, title, subject, description, created_at, updated_at)
                VALUES (?, 1, ?, ?, ?, ?, ?)""",
                [session_id, title, subject, description, created, max(created, self._moment())],
            )
            for tag_id in {int(len(TAGS) * pick.random() ** 3) + 1 for _ in range(pick.randrange(5))}:
                # The commonest tag and the commonest subject never meet: the worst that a filter can ask for.
                if tag_id == 1 and subject == SUBJECTS[0]:
                    continue
                connection.execute("INSERT INTO session_tags VALUES (?, ?)", [session_id, tag_id])

    def _title(self, session_id: int) -> str:
        pick = self._random
        title = (
            f"{pick.choice(_TOPICS)} {pick.choice(('Week', 'Woche', '第', 'Chapter', 'Séance'))} {pick.randrange(40)}"
        )
        if session_id % 500 == 0:
            rare = f"zyx{session_id}q"
            self._made.rare_words.append(rare)
            return f"{title} {rare}"
        return title

    def _moment(self) -> str:
        back = timedelta(days=1000 * self._random.random() ** 2)
        return (_NOW - back).strftime(TIME_FORMAT)

    def _sizes(self) -> Iterator[tuple[int, int]]:
        # A few sessions hold thousands of files, some hundreds, most a handful.
        left = self._files
        for session_id in range(1, self._sessions + 1):
            place = session_id % 20_000
            count = 10_000 if session_id == 7 else 5_000 if place == 77 else 500 if place % 1000 == 5 else None
            if count is None:
                count = min(200, int(self._random.expovariate(1 / (0.85 * self._files / self._sessions))))
            count = min(count, self._files // 10, left)
            left -= count
            if count >= 5_000 or (session_id == 7 and count):
                self._made.large_sessions.append(session_id)
            yield session_id, count
        for session_id in range(1, self._sessions + 1):
            yield session_id, left // self._sessions + (session_id <= left % self._sessions)

    def _write_files(self, connection: sqlite3.Connection) -> None:
        file_id = 0
        for session_id, count in self._sizes():
            for number in range(count):
                file_id += 1
                self._write_file(connection, file_id, session_id, number)

    def _write_file(self, connection: sqlite3.Connection, file_id: int, session_id: int, number: int) -> None:
        pick = self._random
        kind = _KIND_NAMES[bisect(_KIND_STEPS, pick.randrange(_KIND_STEPS[-1]))]
        _, extension, content_type = _KINDS[kind]
        name = f"{pick.choice(_NAMES)}-{number:02d} {pick.choice(_TOPICS)}.{extension}"
        storage_id = 1 if file_id < 0.6 * self._files else 2 if pick.random() < 0.99 else 3
        duration_ms = pick.randrange(60_000, 7_200_000) if kind == "audio" else None
        wanted = 2 if storage_id == 1 and file_id % 1000 == 0 else None
        created = self._moment()
        # The copy first: the triggers look there for the file's storage.
        connection.execute(
            """INSERT INTO copies (id, storage_id, key, state, verified_at, created_at)
            VALUES (?, ?, ?, 'verified', ?, ?)""",
            [file_id, storage_id, f"study-sessions/{session_id}/{file_id:032x}.{extension}", created, created],
        )
        row = (
            file_id, session_id, kind, name, content_type, pick.randrange(10**7), self._sha256(file_id), duration_ms,
            wanted, file_id, created,
        )  # fmt: skip
        connection.execute(
            """INSERT INTO files (id, session_id, kind, name, content_type, size, sha256, duration_ms,
            wanted_storage_id, current_copy_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            row,
        )
        connection.execute("UPDATE copies SET file_id = id WHERE id = ?", [file_id])
        if kind == "audio":
            _write_lecture(connection, file_id, session_id, name, created)

    def _sha256(self, file_id: int) -> str:
        if self._hashes and self._random.random() < 0.03:
            return self._random.choice(self._hashes)
        value = hashlib.sha256(b"%d" % file_id).hexdigest()
        if len(self._hashes) < 10_000:
            self._hashes.append(value)
        return value

    def _write_links(self, connection: sqlite3.Connection) -> None:
        for _ in range(self._files // 100):
            place = [self._random.randint(1, self._sessions), self._random.randint(1, self._files), self._moment()]
            connection.execute(
                "INSERT OR IGNORE INTO links SELECT ?1, ?2, ?3 FROM files WHERE id = ?2 AND session_id <> ?1", place
            )

    def _throw_away(self, connection: sqlite3.Connection) -> None:
        for file_id in self._random.sample(range(1, self._files + 1), self._files // 100):
            connection.execute("UPDATE files SET trashed_at = ? WHERE id = ?", [self._moment(), file_id])
        for session_id in self._random.sample(range(100, self._sessions + 1), self._sessions // 200):
            moment = self._moment()
            connection.execute(
                "UPDATE files SET trashed_at = ? WHERE session_id = ? AND trashed_at IS NULL", [moment, session_id]
            )
            connection.execute("UPDATE sessions SET trashed_at = ? WHERE id = ?", [moment, session_id])


def _write_lecture(connection: sqlite3.Connection, file_id: int, session_id: int, title: str, created: str) -> None:
    connection.execute(
        """INSERT INTO lectures (session_id, title, recorded_on, audio_file_id, created_at)
        VALUES (?, ?, ?, ?, ?)""",
        [session_id, title, created[:10], file_id, created],
    )
