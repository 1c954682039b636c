"""New files on a person's disk: nothing is there under its name before all of it is."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from studybuddy.errors import ConflictError, InvalidInputError, StudyBuddyError
from studybuddy.slices import no_space
from studybuddy.streams import sync_file, sync_folder


@contextmanager
def saving(path: Path, *, force: bool, option: str) -> Iterator[BinaryIO]:
    """Open a file that gets its name at the end of the block; `force` replaces one that is there.

    `option` is how the person said where it goes.
    """
    with _plain_errors(path, option):
        if not force and os.path.lexists(path):
            raise _taken(path, option)
        part = path.with_name(f".{uuid4().hex}.part")
        try:
            with part.open("xb") as stream:
                yield stream
                sync_file(stream)
            if force:
                part.replace(path)
            else:
                _name(part, path, option)
        finally:
            part.unlink(missing_ok=True)
        sync_folder(path.parent)


def _name(part: Path, path: Path, option: str) -> None:
    """Give a finished file its name, unless another took it meanwhile."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        raise _taken(path, option) from None
    except OSError:  # a disk without hard links: the name is taken first
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            raise _taken(path, option) from None
        part.replace(path)


def _taken(path: Path, option: str) -> ConflictError:
    return ConflictError(f"{path} is there already", fix=f"Choose another {option}, or replace it by --force.")


@contextmanager
def _plain_errors(path: Path, option: str) -> Iterator[None]:
    try:
        with no_space():
            yield
    except StudyBuddyError:
        raise
    except OSError as error:
        raise InvalidInputError(
            f"{path} cannot be written: {error.strerror}", fix=f"Choose another {option}."
        ) from error
