"""`import`: files from Supabase, and from the addresses in another program's table."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import click

from studybuddy.catalog.imports import Import, Item
from studybuddy.cli.import_session import session
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option, table
from studybuddy.cli.progress import Stop, counting
from studybuddy.importing.imports import Imports
from studybuddy.importing.preview import Preview
from studybuddy.importing.sources import Source, TableOptions
from studybuddy.names import shown_name
from studybuddy.shapes import Json, import_item_json, import_json
from studybuddy.units import count_text, size_text
from studybuddy.wiring import Wiring

_PAGE = 500
_AGAIN = "Run the same command again to go on."

_to = click.option("--to", "target", metavar="STORAGE", help="Where the files go; without it, where new files go.")
_dry_run = click.option("--dry-run", is_flag=True, help="Say what would come; nothing is written.")


@click.group
def import_() -> None:
    """Bring files from Supabase, or those that another program's table of lectures leads to.

    Each file is read once and its bytes are looked at. A second run goes on where the first ended and doubles nothing.
    A session that was exported as a zip comes in as a new one.
    """


import_.add_command(session)


@import_.command
@click.option("--from", "source", default="supabase", metavar="STORAGE", help="The bucket's storage (supabase).")
@_to
@_dry_run
@json_option
def supabase(source: str, target: str | None, dry_run: bool, as_json: bool) -> int:
    """Bring everything in a bucket of Supabase: each folder becomes a session, each recording a lecture."""
    with opened() as wiring:
        found = wiring.imports.bucket(source)
        return _preview(wiring, found, target, as_json) if dry_run else _run(wiring, found, target, as_json)


@import_.command
@click.argument("path", metavar="CSV|JSON|SQLITE", type=click.Path(path_type=Path))
@click.option("--table", "name", help="The table in a SQLite file; `lectures`, or the only one with addresses.")
@click.option("--column", "columns", multiple=True, help="A column of addresses; without it, all that are called URL.")
@click.option("--host", "hosts", multiple=True, help="Another host name of your Supabase project.")
@_to
@_dry_run
@json_option
def urls(  # noqa: PLR0913, PLR0917
    path: Path,
    name: str | None,
    columns: tuple[str, ...],
    hosts: tuple[str, ...],
    target: str | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Bring the files whose addresses stand in a table, e.g. as audio_url.

    Those in your Supabase bucket are read with its key, all others are fetched from the internet. Title, session
    (course, subject) and date are taken from the columns that are called so.
    """
    options = TableOptions(str(path.absolute()), name, columns, hosts)
    with opened() as wiring:
        found = wiring.imports.table(options)
        return _preview(wiring, found, target, as_json) if dry_run else _run(wiring, found, target, as_json)


def _preview(wiring: Wiring, source: Source, target: str | None, as_json: bool) -> int:
    preview = wiring.imports.preview(source, target=target)
    if as_json:
        answer(_preview_json(preview))
        return 0
    for one in preview.problems:
        click.echo(f"{_mark(one.state)}: {shown_name(one.place or one.address or one.name)}: {one.problem}")
    if others := preview.skipped + preview.failed - len(preview.problems):
        click.echo(f"And {others:,} more.")
    rows = ((title, f"{count.files:,}", preview.size_of(count)) for title, count in preview.sessions.items())
    if preview.sessions:
        table(("Session", "Files", "Size"), rows)
    more = " and more" if preview.unsized and preview.new.bytes else ""
    sizes = f", {preview.size_of(preview.new)}{more}" if preview.new.files else ""
    there = f", {preview.there.files:,} are here already" if preview.there.files else ""
    bad = f", {preview.failed:,} cannot" if preview.failed else ""
    click.echo(f"{count_text(preview.new.files, 'file')} would come to {preview.target}{sizes}{there}{bad}.")
    return 0


def _preview_json(preview: Preview) -> Json:
    document = asdict(preview)
    document["problems"] = [
        {"place": one.place, "url": one.origin_url, "state": one.state, "reason": one.problem}
        for one in preview.problems
    ]
    return document


def _run(wiring: Wiring, source: Source, target: str | None, as_json: bool) -> int:
    begun = wiring.imports.begin(source, target=target)
    with Stop() as stop, counting(source.label, quiet=as_json) as show:
        done = wiring.imports.run(begun.id, on_progress=_progress(wiring.imports, stop, show))
    failed = list(_items(wiring.imports, done, "failed"))
    skipped = list(_items(wiring.imports, done, "skipped"))
    if as_json:
        answer(_result_json(done, failed, skipped, wiring))
    else:
        _tell(done, failed, skipped, wiring)
    return 0 if done.state == "done" else 130 if stop.asked else 1


def _progress(imports: Imports, stop: Stop, show: Callable[[int, int, str], None]) -> Callable[[Import], None]:
    def tell(one: Import) -> None:
        if stop.asked:
            imports.pause(one.id)
        come = one.count("done")
        total = one.count("todo", "done", "there", "failed").files
        note = f"{come.files:,} of {total:,} files, {size_text(come.bytes)}"
        show(total - one.count("todo").files, total, note)

    return tell


def _items(imports: Imports, one: Import, state: str) -> Iterator[Item]:
    after = 0
    while page := imports.items(one.id, states=[state], limit=_PAGE, after=after):  # type: ignore[list-item]
        yield from page
        after = page[-1].position


def _tell(one: Import, failed: list[Item], skipped: list[Item], wiring: Wiring) -> None:
    for item in (*skipped, *failed):
        wanted = item.wanted
        where = wanted.place or wanted.address
        click.echo(f"{_mark(item.state)}: {shown_name(where)}: {item.error}", err=item.state == "failed")
    come, there = one.count("done"), one.count("there").files
    parts = [
        f"{count_text(come.files, 'file')} came to {wiring.storages().label(one.target_id)} ({size_text(come.bytes)})",
        f"{there:,} already here" if there else "",
        f"{len(skipped):,} skipped" if skipped else "",
        f"{len(failed):,} failed" if failed else "",
    ]
    click.echo(", ".join(part for part in parts if part) + ".")
    if one.state == "paused":
        left = count_text(one.count("todo").files, "file is left.", "files are left.")
        click.echo(f"Paused: {one.reason or left} {_AGAIN}", err=True)


def _result_json(one: Import, failed: list[Item], skipped: list[Item], wiring: Wiring) -> Json:
    document = import_json(one, wiring.storages())
    document["failed"] = [import_item_json(item) for item in failed]
    document["skipped"] = [import_item_json(item) for item in skipped]
    if one.state != "done":
        left = one.count("todo", "failed")
        message = f"{count_text(left.files, 'file is', 'files are')} not here"
        fix = _AGAIN if one.state == "paused" else "See failed."
        document["error"] = {"code": "not_all_imported", "message": message, "fix": f"{one.reason} {fix}".strip()}
    return document


def _mark(state: str) -> str:
    return "Failed" if state == "failed" else "Skipped"
