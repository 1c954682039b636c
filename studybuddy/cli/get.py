"""`get`: a file's bytes, checked, on a person's disk."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import click

from studybuddy.catalog.records import File
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option
from studybuddy.errors import ConflictError, InvalidInputError, StudyBuddyError
from studybuddy.library import Library
from studybuddy.names import safe_name
from studybuddy.shapes import file_json
from studybuddy.slices import no_space
from studybuddy.streams import HashingReader, chunks, sync_file, sync_folder
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
        with _plain_errors(path):
            _save(wiring.library, file, path, force=force)
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


def _save(library: Library, file: File, path: Path, *, force: bool) -> None:
    if not force and os.path.lexists(path):
        raise _taken(path)
    part = path.with_name(f".{uuid4().hex}.part")
    try:
        with part.open("xb") as stream:
            _send(library, file, stream)
            sync_file(stream)
        if force:
            part.replace(path)
        else:
            _name(part, path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def _name(part: Path, path: Path) -> None:
    """Give a finished file its name, unless another took it meanwhile."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        raise _taken(path) from None
    except OSError:  # a disk without hard links: the name is taken first
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            raise _taken(path) from None
        part.replace(path)


def _taken(path: Path) -> ConflictError:
    return ConflictError(f"{path} is there already", fix="Choose another --output, or replace it by --force.")


@contextmanager
def _plain_errors(path: Path) -> Iterator[None]:
    try:
        with no_space():
            yield
    except StudyBuddyError:
        raise
    except OSError as error:
        raise InvalidInputError(
            f"{path} cannot be written: {error.strerror}", fix="Choose another --output."
        ) from error
