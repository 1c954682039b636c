"""A library with all that a person can keep, its backup, and what is known of it before and after."""

from io import BytesIO

from studybuddy.adding.new_files import NewFile
from studybuddy.backups import recover as recovering
from studybuddy.backups.layout import Backup
from studybuddy.backups.recover import Recovered, Wanted
from studybuddy.catalog import lectures, links, manifest
from studybuddy.settings import Settings
from studybuddy.wiring import Wiring, open_all

PDF = b"%PDF-1.4 entropy"
SOUND = b"ID3\x04\x00\x00\x00\x00\x00\x00 a lecture"


def fill(wiring: Wiring) -> None:
    """Make a library with all that a person can keep in it."""
    library = wiring.library
    one = library.create_session(
        "Wärme & “Energie”", subject="Physics", description="Notes\n\u2028of it", tags=["exam", "Ünï"]
    )
    two = library.create_session("Linguistics")
    files = [
        library.add(BytesIO(PDF + name.encode()), NewFile(name, one.id)).file.id
        for name in ("week 1.pdf", "naïve — 日本語.pdf", "in the trash.pdf")
    ]
    sound = library.add(BytesIO(SOUND), NewFile("lecture 1.mp3", two.id, recorded_on="2026-02-03")).file.id
    library.trash_file(files[2])
    with wiring.catalog.write() as db:
        links.insert(db, session_id=two.id, file_id=files[0])
        for table in ("notes", "bookmarks"):
            db.execute(f"INSERT INTO {table} VALUES (NULL, {sound}, NULL, 4000, 'ask about this', '2026', '2026')")
        db.execute(f"INSERT INTO pins VALUES (NULL, {sound}, {files[0]}, 3, 4000, '2026')")
        db.execute(f"INSERT INTO listening VALUES (1, {sound}, 4000, 9000, 150, '2026')")
        lectures.insert(db, session_id=one.id, title="not recorded", recorded_on=None)
    library.trash_session(library.create_session("Old").id)


def told(wiring: Wiring) -> list[bytes]:
    """Return all that a library keeps."""
    with wiring.catalog.read() as db:
        return list(manifest.lines(db))


def counted(wiring: Wiring) -> list[list[object]]:
    """Return what triggers keep, which must come out the same."""
    with wiring.catalog.read() as db:
        return [
            sorted(db.execute(query).fetchall())
            for query in (
                "SELECT * FROM words",
                "SELECT * FROM holdings",
                "SELECT * FROM totals",
                "SELECT id, file_count, lecture_count, size, title_key FROM sessions",
                "SELECT id, storage_id, place, name_key FROM files",
            )
        ]


def backed_up(settings: Settings, place: str | None = None) -> tuple[Backup, list[bytes], list[list[object]]]:
    wiring = open_all(settings)
    fill(wiring)
    made = wiring.backups.run(wiring.place(place) if place else None)
    state = told(wiring), counted(wiring)
    wiring.close()
    return made, *state


def told_in(settings: Settings) -> list[bytes]:
    wiring = open_all(settings)
    try:
        return told(wiring)
    finally:
        wiring.close()


def recover(settings: Settings, place: str, **wanted: object) -> Recovered:
    return recovering.recover(settings, Wanted(place, **wanted), lambda _: None)  # type: ignore[arg-type]
