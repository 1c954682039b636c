"""The doctor: looks at a storage check by check, and leaves nothing behind."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from studybuddy.catalog import usage
from studybuddy.catalog.connection import Catalog
from studybuddy.drivers.checks import Check, Found, Step, carry_out
from studybuddy.drivers.driver import Diagnosable
from studybuddy.storage import Storage

_SET_UP = "python -m studybuddy setup-bucket"


def diagnose(storage: Storage, catalog: Catalog | None = None) -> Iterator[Check]:
    """Make a storage's checks, each when it is asked for; closing the iterator early tidies up as well.

    In the catalog it is kept what was seen of that is paid for and no list of objects shows.
    """
    if isinstance(storage.driver, Diagnosable):
        seen: dict[str, int] = {}
        for check in storage.driver.diagnose():
            seen |= check.seen
            # A driver does not know by which name its storage is set up.
            yield replace(check, fix=check.fix.replace(_SET_UP, f"{_SET_UP} {storage.name}"))
        if catalog and seen:
            with catalog.write() as db:
                usage.note_sightings(db, storage.id, seen)
        return

    def use() -> Found:
        storage.driver.check()
        return Found()

    yield from carry_out([Step("use", f"{storage.label} can be used", use)])


def healthy(checks: Iterable[Check]) -> bool:
    """Tell whether nothing failed; a warning is no illness."""
    return all(check.outcome != "failed" for check in checks)
