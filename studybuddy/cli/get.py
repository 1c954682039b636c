"""`get`: a file's bytes, checked, on a person's disk."""

import sys
from pathlib import Path
from typing import BinaryIO

import click

from studybuddy.catalog.records import File
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option
from studybuddy.cli.saving import saving
from studybuddy.library import Library
from studybuddy.names import safe_name
from studybuddy.shapes import file_json
from studybuddy.streams import HashingReader, chunks
from studybuddy.units import size_text


@click.command
@click.argument("file_id", type=click.IntRange(min=1))
@click.option("--output", default=".", help="The new file, or the folder to put it in; - is standard output.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@json_option
def get(file_id: int, output: str, force: bool, as_json: bool) -> None:
    """Write a file's bytes to this computer's disk, under its own name unless another is given.

    The SHA-256 is checked; until then, nothing is there under the new name.
    """
    if output == "-" and as_json:
        raise click.UsageError("--json and --output - both want standard output.")
    with opened() as wiring:
        file = wiring.library.file(file_id)
        if output == "-":
            _send(wiring.library, file, sys.stdout.buffer)
            return
        path = _target(Path(output), file)
        with saving(path, force=force, option="--output") as target:
            _send(wiring.library, file, target)
        if as_json:
            answer({"file": file_json(file, wiring.storages()), "path": str(path.absolute())})
        else:
            click.echo(f"{path}: {size_text(file.size)}, SHA-256 {file.sha256}")


def _target(output: Path, file: File) -> Path:
    return output / safe_name(file.name) if output.is_dir() else output


def _send(library: Library, file: File, target: BinaryIO) -> None:
    with library.open(file.id) as source:
        # Raises at the end when the bytes are not the catalog's.
        for piece in chunks(HashingReader(source, size=file.size, sha256=file.sha256)):
            target.write(piece)
    target.flush()
