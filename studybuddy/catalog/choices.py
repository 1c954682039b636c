"""What a person chose in the app: it holds for every process, over what the settings say."""

from dataclasses import dataclass

from sqlite_utils import Database

from studybuddy.units import utc_now

STORAGE = "storage"  # the name of the storage for new files
BUDGET = "budget"  # what a month may cost
HELD = "held"  # why new files stay on this computer for now, whatever was chosen
OVERRULED = "overruled"  # the month in which a person chose a storage although new files were held here


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen, and when."""

    value: str
    chosen_at: str


def get(db: Database, name: str) -> Choice | None:
    """Return what was chosen, or None."""
    row = db.execute("SELECT value, chosen_at FROM choices WHERE name = ?", [name]).fetchone()
    return Choice(*row) if row else None


def choose(db: Database, name: str, value: str | None) -> None:
    """Keep a choice; None: let the settings decide again."""
    db.execute("DELETE FROM choices WHERE name = ?", [name])
    if value is not None:
        db.execute("INSERT INTO choices VALUES (?, ?, ?)", [name, value, utc_now()])
