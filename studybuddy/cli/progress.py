"""What a person sees while files are added, and how they stop it."""

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

import click

from studybuddy.adding.folders import Found


@dataclass(frozen=True, slots=True)
class Progress:
    """Takes note of what has been done."""

    read: Callable[[int], None]  # so many more bytes have been read
    done: Callable[[Path], None]


class Stop:
    """Ctrl-C: the first stops behind the files under way, the second at once."""

    def __init__(self) -> None:
        self.asked = False
        self._before: Any = None

    def __enter__(self) -> "Stop":
        self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        click.echo("Stopping after the files under way; press Ctrl-C again to stop at once.", err=True)


@contextmanager
def progress(wanted: Sequence[Found], *, quiet: bool) -> Iterator[Progress]:
    """Show a bar with files, bytes and speed while the block runs, when someone watches."""
    if quiet or not sys.stderr.isatty():
        yield Progress(lambda _: None, lambda _: None)
        return
    with _bar(wanted) as shown:
        yield shown


@contextmanager
def _bar(wanted: Sequence[Found]) -> Iterator[Progress]:
    # Slow to load, and only needed for eyes.
    from rich import progress as rich  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    columns = (
        rich.BarColumn(),
        rich.TextColumn("{task.fields[files]:,} of {task.fields[of]:,} files"),
        rich.DownloadColumn(),
        rich.TransferSpeedColumn(),
        rich.TimeRemainingColumn(),
    )
    with rich.Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=sum(size_of(one.path) for one in wanted), files=0, of=len(wanted))

        def done(_: Path) -> None:
            bar.update(task, files=bar.tasks[0].fields["files"] + 1)

        yield Progress(lambda count: bar.update(task, advance=count), done)


@contextmanager
def stages(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Give what tells in one line what is being done while the block runs, when someone watches."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    # Slow to load, and only needed for eyes.
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    with Console(stderr=True).status("") as status:
        yield lambda text: status.update(Text(text))


@contextmanager
def counting(title: str, *, quiet: bool) -> Iterator[Callable[[int, int, str], None]]:
    """Show a bar while the block runs, when someone watches; it is told how much of how much is done, and a note."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, total, note: None
        return
    # Slow to load, and only needed for eyes.
    from rich import progress as rich  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    columns = (rich.TextColumn("{task.description}"), rich.BarColumn(), rich.TextColumn("{task.fields[note]}"))
    with rich.Progress(*columns, rich.TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None, note="")
        yield lambda done, total, note: bar.update(task, completed=done, total=total, note=note)


def size_of(path: Path) -> int:
    """Return a file's size in bytes; 0 where it cannot be told."""
    try:
        return path.stat().st_size
    except OSError:  # told when it is added
        return 0
