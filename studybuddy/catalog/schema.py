"""The catalog's tables, by schema steps. A step that has been released is never edited: add another."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database, Migrations

from studybuddy.catalog.database import plain

steps = Migrations("studybuddy")


def _script(name: str) -> str:
    return (Path(__file__).parent / "steps" / name).read_text()


@steps()
def s0001_library(db: Database) -> None:
    """Storages, people, sessions, tags, lectures, files, copies, links and the counts that pages show."""
    _run(db, "0001_library.sql")


@steps()
def s0002_counts(db: Database) -> None:
    """Counts of what is there, kept by triggers so that no page adds up a million rows."""
    _run(db, "0002_counts.sql")


@steps()
def s0003_find(db: Database) -> None:
    """The words that sessions are found by, and keys that lists are sorted by."""
    _run(db, "0003_find.sql")


@steps()
def s0004_study(db: Database) -> None:
    """Pages, cues and notes."""
    _run(db, "0004_study.sql")


@steps()
def s0005_work(db: Database) -> None:
    """Migrations, their items, and background jobs."""
    _run(db, "0005_work.sql")


@steps()
def s0006_views(db: Database) -> None:
    """The sessions and lectures as other programs know them: file names, URLs and S3 keys as JSON."""
    _run(db, "0006_views.sql")


@steps()
def s0007_choices(db: Database) -> None:
    """What a person chose in the app, over the settings."""
    _run(db, "0007_choices.sql")


@steps()
def s0008_outbox(db: Database) -> None:
    """When the outbox tries again after it failed."""
    _run(db, "0008_outbox.sql")


@steps()
def s0009_scan(db: Database) -> None:
    """Scans of storages, and what they found."""
    _run(db, "0009_scan.sql")


@steps()
def s0010_backups(db: Database) -> None:
    """What came of each backup."""
    _run(db, "0010_backups.sql")


@steps()
def s0012_places(db: Database) -> None:
    """Where each file is, in one number, for the storage page's picture and lists."""
    _run(db, "0012_places.sql")


@steps()
def s0013_migration(db: Database) -> None:
    """Migrations with the order of their items, what is counted of them, and who works on them."""
    _run(db, "0013_migration.sql")


@steps()
def s0014_insert(db: Database) -> None:
    """Fewer changes of a file's row while it is added."""
    _run(db, "0014_insert.sql")


@steps()
def s0015_imports(db: Database) -> None:
    """Imports from Supabase and from other programs' tables, item by item; files by where they came from."""
    _run(db, "0015_imports.sql")


@steps()
def s0016_processing(db: Database) -> None:
    """What is read in each file: how far that is, what came of it, whose captions are whose."""
    _run(db, "0016_processing.sql")


@steps()
def s0018_listening(db: Database) -> None:
    """Notes and bookmarks of recordings, pages pinned to moments, and where each person stopped listening."""
    _run(db, "0018_listening.sql")


@steps()
def s0019_cards(db: Database) -> None:
    """Flashcards, how well each is known, and what was answered."""
    _run(db, "0019_cards.sql")


@steps()
def s0020_usage(db: Database) -> None:
    """What is paid for: what each storage held day by day, by size, and what the drivers counted."""
    _run(db, "0020_usage.sql")


@steps()
def s0022_search(db: Database) -> None:
    """What titles, names, pages, transcripts and notes are searched by."""
    _run(db, "0022_search.sql")


@steps()
def s0023_transcriptions(db: Database) -> None:
    """Transcripts that are made of recordings' sound, when a person asks for one."""
    _run(db, "0023_transcriptions.sql")


@steps()
def s0024_plain_transcripts(db: Database) -> None:
    """Plain texts that are the transcripts of recordings."""
    _run(db, "0024_plain_transcripts.sql")


@steps()
def s0025_arrivals(db: Database) -> None:
    """Sessions that are on their way in from a zip."""
    _run(db, "0025_arrivals.sql")


@steps()
def s0026_transcripts_failed(db: Database) -> None:
    """The transcripts that could not be made, listed."""
    _run(db, "0026_transcripts_failed.sql")


@steps()
def s0027_goes_on(db: Database) -> None:
    """The migrations that wait for a storage, and go on by themselves."""
    _run(db, "0027_goes_on.sql")


@steps()
def s0028_moves(db: Database) -> None:
    """Files that move to another storage, counted with less writing."""
    _run(db, "0028_moves.sql")


@steps()
def s0029_resumable(db: Database) -> None:
    """Large copies that are gone on with after a break."""
    _run(db, "0029_resumable.sql")


def step_names() -> set[str]:
    """Return the names of all steps that this code knows."""
    with closing(sqlite3.connect(":memory:")) as connection:
        return {step.name for step in steps.pending(plain(connection))}


def _run(db: Database, name: str) -> None:
    # `executescript` would commit the step's own transaction, so each statement goes alone.
    statement = ""
    for line in _script(name).splitlines(keepends=True):
        statement += line
        if line.endswith(";\n") and sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""
