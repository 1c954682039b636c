"""What a child is given: a file's bytes where it can read them, and an empty folder for what it finds."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from studybuddy.catalog.records import File
from studybuddy.library import Library
from studybuddy.processing.children import StoppedError
from studybuddy.slices import no_space
from studybuddy.streams import HashingReader, chunks
from studybuddy.temporary import TemporaryFiles


def fetch(library: Library, file: File, path: Path, *, stopping: Callable[[], bool]) -> Path:
    """Bring a file's bytes to a new temporary file; raise StoppedError when `stopping`."""
    with library.open(file.id) as stream, no_space(), path.open("xb") as target:
        for piece in chunks(HashingReader(stream, size=file.size, sha256=file.sha256)):
            if stopping():
                raise StoppedError
            target.write(piece)
    return path


@contextmanager
def job_folder(temporary: TemporaryFiles) -> Iterator[Path]:
    """Make a folder for one job; it is removed at the end with all that is in it."""
    with temporary.group() as group:
        folder = group.path()
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
