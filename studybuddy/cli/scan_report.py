"""What scans found: every damaged file by its name, the rest counted."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import click

from studybuddy.catalog.findings import DAMAGE, KINDS, UNSETTLED, FindingKind, Kept
from studybuddy.cli.output import answer, sentences
from studybuddy.errors import StudyBuddyError
from studybuddy.names import shown_name
from studybuddy.scan.scans import Result, Scans
from studybuddy.shapes import Json, finding_json, scan_json
from studybuddy.storages import Storages
from studybuddy.units import count_text, size_text

_SHOWN = 10  # of those that are no damage
_IN_JSON = 10_000
_PAGE = 500
_CALLED: dict[FindingKind, str] = {
    "missing": "Missing",
    "wrong_size": "Wrong size",
    "damaged": "Damaged",
    "unreadable": "Unreadable",
    "no_copy": "Lost place",
    "misplaced": "Wrong place",
    "unknown": "Unknown",
    "stale_temporary": "Left behind",
}
_READ = {
    "sizes": "sizes compared",
    "checksums": "sizes and the checksums that it keeps compared",
    "deep": "every byte read",
}


@dataclass(slots=True)
class ScanReport:
    """The scans of one run."""

    storages: Storages
    not_scanned: tuple[str, ...]  # labels of storages that the settings no longer name
    results: list[Result] = field(default_factory=list)
    found: dict[int, list[Kept]] = field(default_factory=dict)
    refused: list[StudyBuddyError] = field(default_factory=list)  # repairs that are not done without more being said

    def add(self, result: Result, scans: Scans) -> None:
        """Take note of a scan, with what it found."""
        self.results.append(result)
        found: list[Kept] = []
        after: str | None = None
        while len(found) < _IN_JSON:
            page = scans.findings(result.scan.id, limit=_PAGE, after=after)
            found += page.rows
            after = page.next
            if after is None:
                break
        self.found[result.scan.id] = found

    @property
    def exit_code(self) -> int:
        """0: nothing is damaged; 1: something is, or was not looked at."""
        return int(bool(self.refused) or any(result.damaged or result.scan.error for result in self.results))

    def tell(self, *, as_json: bool) -> None:
        """Print all of it."""
        if as_json:
            answer(self._json())
            return
        for result in self.results:
            for line in self._lines(result):
                click.echo(line)
            if result.scan.error:
                error = StudyBuddyError(result.scan.error, fix=result.scan.fix)
                click.echo(f"Failed: {self.storages.label(result.scan.storage_id)}: {sentences(error)}", err=True)
        for error in self.refused:
            click.echo(f"Refused: {sentences(error)}", err=True)
        for label in self.not_scanned:
            click.echo(f"Not scanned: {label}: the settings no longer name it.", err=True)

    def _lines(self, result: Result) -> Iterator[str]:
        scan, found = result.scan, self.found[result.scan.id]
        for kind in KINDS:
            some = [one for one in found if one.kind == kind and one.state != "gone"]
            shown = some if kind in DAMAGE else some[:_SHOWN]
            yield from (_line(one) for one in shown)
            if len(some) > len(shown):
                yield f"{_CALLED[kind]}: {len(some) - len(shown):,} more; --json lists them."
        label = self.storages.label(scan.storage_id)
        what = f"{count_text(scan.objects, 'object')}, {size_text(scan.bytes)}, {_READ[scan.depth]}"
        yield f"{label}: {what}: {self._sum(result)}."

    def _sum(self, result: Result) -> str:
        if result.scan.state != "done":
            return "not all was looked at"
        counted: dict[str, int] = {}
        for count in result.counts:
            if count.state != "gone":
                name = _CALLED[count.kind].lower() if count.state in UNSETTLED else count.state
                counted[name] = counted.get(name, 0) + count.findings
        healed = [f"{result.scan.healed:,} whole again"] if result.scan.healed else []
        return ", ".join([*(f"{count:,} {name}" for name, count in counted.items()), *healed]) or "nothing is wrong"

    def _json(self) -> Json:
        document: Json = {
            "scans": [
                {
                    **scan_json(result.scan, result.counts, self.storages),
                    "damaged": result.damaged,
                    "findings": [finding_json(one) for one in self.found[result.scan.id]],
                }
                for result in self.results
            ],
            "not_scanned": list(self.not_scanned),
        }
        damaged = sum(result.damaged for result in self.results)
        failed = next((result.scan for result in self.results if result.scan.error), None)
        if failed:
            document["error"] = {"code": "not_scanned", "message": failed.error, "fix": failed.fix}
        elif self.refused:
            refused = self.refused[0]
            document["error"] = {"code": refused.code, "message": str(refused), "fix": refused.fix}
        elif damaged:
            message = f"{count_text(damaged, 'copy is', 'copies are')} damaged or missing"
            document["error"] = {"code": "damaged", "message": message, "fix": "Run `scan --repair`."}
        return document


def _line(one: Kept) -> str:
    if one.file_id is not None:
        name = shown_name(one.name) if one.name else "deleted"
        what = f"“{name}” (file {one.file_id})"
    else:
        what = f"{shown_name(one.key)}, {size_text(one.size)}"
    state = "" if one.state == "open" else f" [{'marked bad' if one.state == 'marked' else one.state}]"
    return (
        f"{_CALLED[one.kind]}: {what}{': ' if one.detail else ''}{shown_name(one.detail) if one.detail else ''}{state}."
    )
