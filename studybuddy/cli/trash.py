"""`trash`, `restore` and `purge`."""

import click

from studybuddy.catalog.records import File
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option
from studybuddy.cli.still_there import tell_still_there
from studybuddy.names import shown_name
from studybuddy.shapes import file_json
from studybuddy.storages import Storages

_file_id = click.argument("file_id", type=click.IntRange(min=1))


@click.command
@_file_id
@json_option
def trash(file_id: int, as_json: bool) -> None:
    """Put a file in the trash, from where it can be restored for 30 days."""
    with opened() as wiring:
        file = wiring.library.trash_file(file_id)
        _tell("is in the trash", file, wiring.storages(), as_json=as_json)


@click.command
@_file_id
@json_option
def restore(file_id: int, as_json: bool) -> None:
    """Take a file out of the trash, and its session when that is there too."""
    with opened() as wiring:
        file = wiring.library.restore_file(file_id)
        _tell("is out of the trash", file, wiring.storages(), as_json=as_json)


@click.command
@_file_id
@json_option
def purge(file_id: int, as_json: bool) -> None:
    """Delete a file that is in the trash, for good."""
    with opened() as wiring:
        file = wiring.library.file(file_id)
        wiring.library.purge_file(file_id)
        if as_json:
            answer({"purged": {"id": file.id, "name": file.name}})
        else:
            click.echo(f"{shown_name(file.name)} (file {file.id}) is deleted for good.")
        tell_still_there(wiring)


def _tell(what: str, file: File, storages: Storages, *, as_json: bool) -> None:
    if as_json:
        answer({"file": file_json(file, storages)})
    else:
        click.echo(f"{shown_name(file.name)} (file {file.id}) {what}.")
