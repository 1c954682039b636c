"""What a scan has found, and what the catalog says of the copies."""

from studybuddy.catalog.findings import Kept
from studybuddy.scan.scans import Result, Scans
from studybuddy.wiring import Wiring
from tests.waiting import awaited


def findings_of(scans: Scans, result: Result) -> list[Kept]:
    rows: list[Kept] = []
    after: str | None = None
    while True:
        page = scans.findings(result.scan.id, limit=7, after=after)
        rows += page.rows
        after = page.next
        if after is None:
            return rows


def states(wiring: Wiring) -> set[str]:
    with wiring.catalog.read() as db:
        return {row[0] for row in db.execute("SELECT DISTINCT state FROM copies").fetchall()}


def ended(scans: Scans, begun: Result) -> Result:
    return awaited(lambda: scans.get(begun.scan.id), lambda result: not result.scan.busy)
