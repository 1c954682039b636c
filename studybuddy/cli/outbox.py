"""`outbox`: what waits for another storage; moved now, or kept where it is."""

from collections.abc import Iterator, Sequence

import click

from studybuddy.catalog.outbox import Waiting
from studybuddy.catalog.records import File
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option, minute, sentences, table
from studybuddy.names import shown_name
from studybuddy.outbox.draining import Drained
from studybuddy.outbox.outbox import Outbox
from studybuddy.shapes import Json, file_json, waiting_json
from studybuddy.storages import Storages
from studybuddy.units import count_text, size_text
from studybuddy.wiring import Wiring

_PAGE = 500


@click.command
@click.argument("file_ids", metavar="[FILE_ID]...", nargs=-1, type=click.IntRange(min=1))
@click.option("--drain", is_flag=True, help="Move now what waits, or these files.")
@click.option("--keep-local", is_flag=True, help="Keep these files where they are.")
@json_option
def outbox(file_ids: tuple[int, ...], drain: bool, keep_local: bool, as_json: bool) -> int:
    """List what waits for a storage that failed, move it there now, or keep it where it is.

    A running app moves it by itself as soon as the storage answers.
    """
    if drain and keep_local:
        raise click.UsageError("--drain and --keep-local contradict each other.")
    if bool(file_ids) != keep_local and not drain:
        raise click.UsageError("--keep-local takes FILE_IDs, and FILE_IDs take --drain or --keep-local.")
    with opened() as wiring:
        if drain:
            return _drain(wiring, file_ids or None, as_json=as_json)
        if keep_local:
            _keep(wiring, file_ids, as_json=as_json)
        else:
            _show(wiring, as_json=as_json)
    return 0


def _show(wiring: Wiring, *, as_json: bool) -> None:
    storages, found = wiring.storages(), _everything(wiring.outbox)
    if as_json:
        answer({"outbox": [waiting_json(waiting, storages) for waiting in found]})
        return
    columns = ("ID", "Name", "Size", "Stored in", "Waits for", "Since", "Next try", "Why")
    table(columns, (_row(waiting, storages) for waiting in found))


def _everything(outbox: Outbox) -> Iterator[Waiting]:
    after: str | None = None
    while True:
        page = outbox.waiting(limit=_PAGE, after=after)
        yield from page.rows
        after = page.next
        if after is None:
            return


def _row(waiting: Waiting, storages: Storages) -> tuple[str, ...]:
    file = waiting.file
    return (
        str(file.id),
        file.name,
        size_text(file.size),
        storages.label(file.storage_id or 0),
        storages.label(file.wanted_storage_id or 0),
        minute(file.created_at),
        minute(waiting.next_try_at) if waiting.next_try_at else "",
        waiting.reason,
    )


def _keep(wiring: Wiring, file_ids: Sequence[int], *, as_json: bool) -> None:
    kept = [wiring.outbox.give_up(file_id) for file_id in file_ids]
    if as_json:
        answer({"files": [file_json(file, wiring.storages()) for file in kept]})
        return
    for file in kept:
        click.echo(
            f"{shown_name(file.name)} (file {file.id}) stays in {wiring.storages().label(file.storage_id or 0)}."
        )


def _drain(wiring: Wiring, file_ids: Sequence[int] | None, *, as_json: bool) -> int:
    def tell(file: File) -> None:
        if not as_json:
            place = wiring.storages().label(file.storage_id or 0)
            click.echo(f"Moved: {shown_name(file.name)} (file {file.id}) is in {place}.")

    drained = wiring.outbox.drain(file_ids, on_moved=tell)
    if as_json:
        answer(_drained_json(drained))
    else:
        for one in drained.failed:
            click.echo(f"Not moved: {shown_name(one.file.name)} (file {one.file.id}): {sentences(one.error)}", err=True)
        click.echo(f"Moved {count_text(drained.moved, 'file')}; {drained.waiting:,} still waiting.")
    return 1 if drained.failed else 0


def _drained_json(drained: Drained) -> Json:
    document: Json = {
        "moved": drained.moved,
        "bytes": drained.bytes,
        "failed": [
            {
                "id": one.file.id,
                "name": one.file.name,
                "code": one.error.code,
                "message": str(one.error),
                "fix": one.error.fix,
            }
            for one in drained.failed
        ],
        "waiting": drained.waiting,
    }
    if drained.failed:
        message = count_text(drained.waiting, "file still waits", "files still wait")
        document["error"] = {"code": "not_all_moved", "message": message, "fix": "See failed."}
    return document
