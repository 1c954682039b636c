"""The doctor: looks at a storage check by check, and leaves nothing behind."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from studybuddy.catalog import usage
from studybuddy.catalog.connection import Catalog
from studybuddy.drivers.checks import Check, Found, Step, carry_out
from studybuddy.drivers.driver import Diagnosable
from studybuddy.settings.places import LocalSettings
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
            yield replace(check, fix=_worded(storage, check.fix))
        if catalog and seen:
            with catalog.write() as db:
                usage.note_sightings(db, storage.id, seen)
        return

    def use() -> Found:
        storage.driver.check()
        return Found()

    yield from carry_out([Step("use", f"{storage.label} can be used", use)])


def _worded(storage: Storage, fix: str) -> str:
    """Call things what they are called for this storage: a driver does not know by which name it is set up."""
    worded = fix if isinstance(storage.place, LocalSettings) else storage.place.wording.of(fix)
    return re.sub(rf"{_SET_UP}(?! {storage.name}\b)", f"{_SET_UP} {storage.name}", worded)


def healthy(checks: Iterable[Check]) -> bool:
    """Tell whether nothing failed; a warning is no illness."""
    return all(check.outcome != "failed" for check in checks)
