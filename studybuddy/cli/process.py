"""`process`: reads what files hold, here and now, or tells how far that is."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

import click

from studybuddy.catalog.processing import Job, JobState, Listed
from studybuddy.catalog.records import File
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option, minute, table
from studybuddy.cli.progress import counting
from studybuddy.names import shown_name
from studybuddy.processing.queue import Queue
from studybuddy.processing.workers import Worker
from studybuddy.shapes import Json, job_json, listed_json
from studybuddy.units import count_text

_LOOK_S, _WATCH_S = 0.2, 2.0
_PAGE = 500
_WORDS: dict[JobState, str] = {
    "pending": "waiting", "processing": "being read", "done": "read", "failed": "failed", "skipped": "nothing to read",
}  # fmt: skip

OnProgress = Callable[[File, float], object]


@click.command
@click.argument("file_ids", metavar="[FILE_ID]...", nargs=-1, type=click.IntRange(min=1))
@click.option("--all-failed", is_flag=True, help="Read again what failed.")
@click.option("--watch", is_flag=True, help="Go on with what is added, until Ctrl-C.")
@click.option("--status", is_flag=True, help="Only tell how far it is, and what failed.")
@json_option
def process(file_ids: tuple[int, ...], all_failed: bool, watch: bool, status: bool, as_json: bool) -> int:
    """Read what waits to be read: text, sound, pictures, captions. With FILE_IDs, read those again.

    A running app does it by itself; both together share the work.
    """
    if (status and (file_ids or all_failed or watch)) or (file_ids and (all_failed or watch)):
        raise click.UsageError("--status stands alone, and so do FILE_IDs.")
    with opened() as wiring:
        queue = wiring.processing
        if status:
            _tell(queue, as_json=as_json)
            return 0
        if all_failed:
            queue.again_failed()
        if file_ids:
            queue.again(file_ids)
        with closing(wiring.new_worker()) as worker:
            jobs = _read(worker, queue, file_ids, watch=watch, quiet=as_json)
        return _report(jobs, queue, as_json=as_json)


def _read(worker: Worker, queue: Queue, only: Sequence[int], *, watch: bool, quiet: bool) -> list[Job]:
    """Read files until nothing is left; return what came of each."""
    ended: dict[int, Job] = {}
    with counting("Reading", quiet=quiet) as shown:

        def on_progress(file: File, done: float) -> None:
            shown(len(ended), _total(queue, ended, only), f"{shown_name(file.name)} {done:.0%}")

        def on_file(file: File) -> None:
            ended[file.id] = queue.job(file.id)
            on_progress(file, 1.0)
            if not quiet:
                _say(file, ended[file.id])

        worker.run(only or None, on_file=on_file, on_progress=on_progress)
        while watch or _is_read_elsewhere(queue, only):
            time.sleep(_WATCH_S if watch else _LOOK_S)
            worker.run(only or None, on_file=on_file, on_progress=on_progress)
    return [queue.job(file_id) for file_id in only] if only else [*ended.values()]


def _total(queue: Queue, ended: dict[int, Job], only: Sequence[int]) -> int:
    counts = queue.status().counts
    return len(only) or len(ended) + counts["pending"] + counts["processing"]


def _is_read_elsewhere(queue: Queue, file_ids: Sequence[int]) -> bool:
    return any(queue.job(file_id).state == "processing" for file_id in file_ids)


def _say(file: File, job: Job) -> None:
    about = f"{shown_name(file.name)} (file {file.id})"
    if job.state == "failed":
        click.echo(f"Failed: {about}: {job.reason}. {job.fix}".rstrip(), err=True)
    elif job.state == "pending" and job.reason:
        click.echo(f"Waits: {about}: {job.reason}.", err=True)
    elif job.state == "done":
        click.echo(f"Read: {about}.{''.join(f' {remark}.' for remark in job.remarks)}")


def _report(jobs: Sequence[Job], queue: Queue, *, as_json: bool) -> int:
    failed = [job for job in jobs if job.state != "done"]
    counts = queue.status().counts
    if not as_json:
        click.echo(f"Read {count_text(len(jobs) - len(failed), 'file')}; {_in_words(counts)}.")
    else:
        document: Json = {"files": [job_json(job) for job in jobs], "counts": counts}
        if failed:
            message = f"{count_text(len(failed), 'file was', 'files were')} not read"
            document["error"] = {"code": "not_all_read", "message": message, "fix": "See files."}
        answer(document)
    return 1 if failed else 0


def _tell(queue: Queue, *, as_json: bool) -> None:
    status, failed = queue.status(), [*_all_failed(queue)]
    if as_json:
        current = [listed_json(one) for one in status.current]
        answer({"counts": status.counts, "current": current, "failed": [listed_json(one) for one in failed]})
        return
    click.echo(f"Files: {_in_words(status.counts)}.")
    for one in status.current:
        click.echo(f"Being read: {shown_name(one.file.name)} (file {one.file.id}), {one.job.progress:.0%}")
    if failed:
        rows = ((str(one.file.id), one.file.name, minute(one.job.ended_at or ""), one.job.reason) for one in failed)
        table(("ID", "Name", "Failed", "Why"), rows)


def _all_failed(queue: Queue) -> Iterator[Listed]:
    after: str | None = None
    while True:
        page = queue.failed(limit=_PAGE, after=after)
        yield from page.rows
        after = page.next
        if after is None:
            return


def _in_words(counts: dict[JobState, int]) -> str:
    return ", ".join(f"{counts[state]:,} {word}" for state, word in _WORDS.items())
