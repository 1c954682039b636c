"""Temporary files that name the process they belong to, so that another can tell a dead one's from a live one's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from studybuddy.slices import no_space


class Group:
    """Temporary files that end together."""

    def __init__(self, new_path: Callable[[], Path]) -> None:
        self._new_path = new_path
        self._paths: list[Path] = []

    def path(self) -> Path:
        """Return a path that nothing is at yet."""
        path = self._new_path()
        self._paths.append(path)
        return path

    def remove(self) -> None:
        for path in self._paths:
            path.unlink(missing_ok=True)


class TemporaryFiles:
    """The temporary files in `folder`; ours begin with `writer`, the claim of this process."""

    def __init__(self, folder: Path, *, writer: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._writer = writer

    @contextmanager
    def group(self) -> Iterator[Group]:
        """Give paths for files; those that are still there at the end are removed."""
        group = Group(lambda: self._folder / f"{self._writer}-{uuid4().hex}")
        try:
            yield group
        finally:
            group.remove()

    @contextmanager
    def one(self) -> Iterator[tuple[Path, BinaryIO]]:
        """Open a new file; it is removed at the end unless something took it away."""
        with self.group() as group, no_space():
            path = group.path()
            with path.open("xb") as stream:
                yield path, stream

    def stale(self, alive: Callable[[str], bool]) -> list[Path]:
        """Return the files of processes that are gone."""
        return [path for path in self._folder.iterdir() if not alive(path.name.rpartition("-")[0])]
