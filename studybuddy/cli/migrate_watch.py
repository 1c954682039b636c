"""What a person or a program sees while a migration is worked on, and how they stop it."""

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

import click

from studybuddy.catalog.migrations import Migration
from studybuddy.migration.migrations import Migrations
from studybuddy.migration.progress import Progress, watched
from studybuddy.migration.shapes import progress_json

_LOOK_EVERY_S = 0.25
_LINE_EVERY_S = 1.0

Show = Callable[[Progress], object]


class Stop:
    """Ctrl-C or SIGTERM: the first lets go of what is under way and keeps what is done, the second ends at once."""

    _SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "Stop":
        self._before = {number: signal.signal(number, self._ask) for number in self._SIGNALS}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        for each in self._SIGNALS:
            signal.signal(each, signal.default_int_handler)


def watch(
    migrations: Migrations, migration_id: int, work: Callable[[], Migration], doing: str, *, as_json: bool
) -> bool:
    """Do work on a migration and show how far it is; tell whether it was asked to stop."""
    with Stop() as stop, _bar(doing) if sys.stderr.isatty() and not as_json else _lines(as_json=as_json) as show:
        for _ in watched(work, every_s=_LOOK_EVERY_S):
            show(migrations.progress(migrations.get(migration_id)))
            if stop.asked:
                migrations.stop(timeout_s=0)
        show(migrations.progress(migrations.get(migration_id)))
    return stop.asked


@contextmanager
def _lines(*, as_json: bool) -> Iterator[Show]:
    """Print a line of JSON each second: on standard error where standard output is for the one document."""
    shown_at = float("-inf")

    def show(progress: Progress) -> None:
        nonlocal shown_at
        if time.monotonic() - shown_at >= _LINE_EVERY_S:
            shown_at = time.monotonic()
            click.echo(json.dumps(progress_json(progress), ensure_ascii=False), err=as_json)

    yield show


@contextmanager
def _bar(doing: str) -> Iterator[Show]:
    # Slow to load, and only needed for eyes.
    from rich import progress as rich  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    columns = (
        rich.TextColumn("{task.description}"),
        rich.BarColumn(),
        rich.TextColumn("{task.fields[files]:,} of {task.fields[of]:,} files"),
        rich.DownloadColumn(),
        rich.TransferSpeedColumn(),
        rich.TimeRemainingColumn(),
    )
    with rich.Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(doing, total=None, files=0, of=0)

        def show(progress: Progress) -> None:
            settled = progress.done.files + progress.failed.files
            bar.update(
                task, total=progress.whole.bytes, completed=round(progress.share * progress.whole.bytes),
                files=settled, of=progress.whole.files,
            )  # fmt: skip

        yield show
