"""`scan`."""

import sys

import click

from studybuddy.catalog.scans import Depth
from studybuddy.cli.opening import opened
from studybuddy.cli.output import json_option
from studybuddy.cli.progress import counting
from studybuddy.cli.scan_report import ScanReport
from studybuddy.errors import ConflictError
from studybuddy.scan.comparison import Progress
from studybuddy.scan.scans import Result
from studybuddy.storage import Storage
from studybuddy.storages import Storages
from studybuddy.units import count_text, size_text
from studybuddy.wiring import Wiring

_WARNING = """Objects that nobody knows are deleted for good. If another library uses the same bucket and prefix, or \
this catalog was brought back from a backup, they may be its files."""


@click.command
@click.argument("name", metavar="[STORAGE]", required=False)
@click.option("--deep", is_flag=True, help="Read every byte and compare its SHA-256.")
@click.option("--sizes", is_flag=True, help="Compare sizes alone, not the checksums that the storage keeps.")
@click.option("--repair", is_flag=True, help="Restore what is damaged from another copy; mark the rest.")
@click.option("--most-are-missing", is_flag=True, help="Repair even when more than half of the objects are missing.")
@click.option("--remove-unknown", is_flag=True, help="Delete the objects that nobody knows, for good.")
@click.option("--yes", is_flag=True, help="Do not ask before deleting.")
@json_option
def scan(  # noqa: PLR0913, PLR0917
    name: str | None,
    deep: bool,
    sizes: bool,
    repair: bool,
    most_are_missing: bool,
    remove_unknown: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Compare the catalog with what STORAGE holds, or all storages.

    Without --repair and --remove-unknown nothing is changed. Ends with 1 when something is damaged or missing.
    """
    if deep and sizes:
        raise click.UsageError("--deep and --sizes exclude each other.")
    depth: Depth = "deep" if deep else "sizes" if sizes else "checksums"
    if remove_unknown and not yes:
        _confirm(as_json=as_json)
    with opened(settle=False) as wiring:
        storages = wiring.storages()
        wanted = [storages.named(name)] if name else list(storages.opened.values())
        report = ScanReport(storages, () if name else _not_scanned(storages))
        for storage in wanted:
            result = _run(wiring, storage, depth, quiet=as_json)
            if result.scan.state == "done":
                result = _settle(wiring, result, report, repair=repair, sure=most_are_missing, remove=remove_unknown)
            report.add(result, wiring.scans)
        report.tell(as_json=as_json)
        return report.exit_code


def _settle(  # noqa: PLR0913
    wiring: Wiring, result: Result, report: ScanReport, *, repair: bool, sure: bool, remove: bool
) -> Result:
    try:
        if repair:
            result = wiring.scans.repair(result.scan.id, most_are_missing=sure)
        if remove:
            result = wiring.scans.remove_unknown(result.scan.id)
    except ConflictError as error:
        report.refused.append(error)
    return result


def _run(wiring: Wiring, storage: Storage, depth: Depth, *, quiet: bool) -> Result:
    with counting(storage.label, quiet=quiet) as show:

        def tell(now: Progress) -> None:
            found = f", {count_text(now.found, 'finding')}" if now.found else ""
            note = f"{count_text(now.objects, 'object')}, {size_text(now.bytes)}{found}"
            show(now.copies, max(now.of_copies, now.copies), note)

        return wiring.scans.run(storage, depth=depth, on_progress=tell)


def _not_scanned(storages: Storages) -> tuple[str, ...]:
    return tuple(row.label for row in storages.unnamed)


def _confirm(*, as_json: bool) -> None:
    if as_json or not sys.stdin.isatty():
        raise click.UsageError(f"--remove-unknown needs --yes. {_WARNING}")
    click.confirm(f"{_WARNING} Go on?", abort=True, err=True)
