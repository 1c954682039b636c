"""`add`: files and folders into sessions."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import click

from studybuddy import kinds
from studybuddy.adding.folders import Found, Mode, place, walk
from studybuddy.adding.new_files import NewFile
from studybuddy.catalog import lectures
from studybuddy.catalog.records import Session
from studybuddy.cli.add_processes import Processes, processes
from studybuddy.cli.opening import opened
from studybuddy.cli.output import json_option
from studybuddy.cli.progress import Progress, Stop, progress
from studybuddy.cli.report import Report, Saved
from studybuddy.errors import ConflictError, InvalidInputError, StudyBuddyError
from studybuddy.library import Library
from studybuddy.wiring import Wiring


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the command was called with."""

    session: str | None
    lecture: str | None
    tags: tuple[str, ...]
    folders: Mode | None
    link: bool


@click.command
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--session", help="The title of the session; it is made when there is none.")
@click.option("--lecture", help="The title of the lecture, when one recording is added.")
@click.option("--tag", "tags", multiple=True, help="A tag for the session; may be given several times.")
@click.option(
    "--folders",
    type=click.Choice(["session", "tag"]),
    help="What a folder's structure becomes: its name the session and the folders in it tags, or all of them tags.",
)
@click.option(
    "--duplicates",
    type=click.Choice(["keep", "link"]),
    default="keep",
    help="What to do with a file whose bytes are here already: keep both (default), or show the one that is here.",
)
@json_option
def add(  # noqa: PLR0913, PLR0917
    paths: tuple[Path, ...],
    session: str | None,
    lecture: str | None,
    tags: tuple[str, ...],
    folders: Mode | None,
    duplicates: str,
    as_json: bool,
) -> int:
    """Add files, and folders with all that is in them, to a session. The files themselves stay where they are."""
    wish = _Wish(session, lecture, tags, folders, link=duplicates == "link")
    found = list(walk(paths))
    _check(found, wish)
    with processes(len(found)) as others, opened() as wiring:
        report = _Adding(wiring, wish, found, others, as_json=as_json).run()
    report.tell()
    return report.exit_code


def _check(found: Sequence[Found], wish: _Wish) -> None:
    """Refuse what cannot be meant before anything is added."""
    wanted = [one for one in found if not one.problem]
    if wish.session is None and wish.folders != "session":
        raise click.UsageError("Name the session: --session TITLE.")
    if wish.session is None and (bare := next((one for one in wanted if len(one.relative.parts) == 1), None)):
        raise click.UsageError(f"{bare.path} lies in no folder that was given: name its session by --session TITLE.")
    if wish.lecture is not None and sum(_is_recording(one) for one in wanted) != 1:
        raise click.UsageError("--lecture names the lecture of one recording: add it by a command of its own.")


def _is_recording(found: Found) -> bool:
    try:
        return kinds.detect(found.path, found.path.name).kind == "audio"
    except OSError:  # told when it is added
        return False


class _Adding:
    """One run: every file that was found, into its session."""

    def __init__(
        self, wiring: Wiring, wish: _Wish, found: Sequence[Found], others: Processes | None, *, as_json: bool
    ) -> None:
        self._wiring = wiring
        self._library: Library = wiring.library
        self._wish = wish
        self._found = found
        self._sessions: dict[tuple[str, tuple[str, ...]], Session] = {}
        self._under_way: deque[Found] = deque()
        self._new_lecture: int | None = None
        self._report = Report(wiring.storages(), as_json)
        here = wiring.storages().target is wiring.storages().local
        # Another storage is written by many threads already, and one that fails costs each process its timeout.
        self._add_many = others.add_many if others and here else wiring.library.add_many

    def run(self) -> Report:
        """Add all; stop behind the files under way when the person asks for it."""
        start = perf_counter()
        for one in self._found:
            if one.problem:
                self._report.problem(one)
        wanted = [one for one in self._found if not one.problem]
        with Stop() as stop, progress(wanted, quiet=self._report.as_json) as shown:
            try:
                self._add_all(wanted, stop, shown)
            except StudyBuddyError as error:  # nothing more can be added, but what was is to be told
                for one in self._under_way:
                    self._report.failure(one.path, error)
            except KeyboardInterrupt:
                self._report.at_once = True
        self._report.not_tried = len(wanted) - self._report.tried
        self._report.seconds = perf_counter() - start
        return self._report

    def _add_all(self, wanted: Sequence[Found], stop: Stop, shown: Progress) -> None:
        for path, outcome in self._add_many(self._next(wanted, stop), on_read=shown.read):
            found = self._under_way.popleft()
            if isinstance(outcome, StudyBuddyError):
                self._report.failure(path, outcome)
                self._drop_lecture()
            else:
                self._report.saved(self._settle(found, Saved(found, outcome)))
            shown.done(path)

    def _next(self, wanted: Sequence[Found], stop: Stop) -> Iterator[tuple[Path, NewFile]]:
        for found in wanted:
            if stop.asked:
                return
            try:
                new = self._new_file(found)
            except StudyBuddyError as error:
                self._report.failure(found.path, error)
                continue
            self._under_way.append(found)
            yield found.path, new

    def _new_file(self, found: Found) -> NewFile:
        wish = self._wish
        title, tags = place(found.relative, mode=wish.folders) if wish.folders else (None, ())
        session = self._session(title or wish.session or "", (*wish.tags, *tags))
        lecture_id = self._lecture(session.id) if wish.lecture is not None and _is_recording(found) else None
        return NewFile(found.path.name, session.id, lecture_id)

    def _session(self, title: str, tags: tuple[str, ...]) -> Session:
        if (title, tags) not in self._sessions:
            self._sessions[title, tags] = self._library.session_titled(title, tags=tags)
        return self._sessions[title, tags]

    def _lecture(self, session_id: int) -> int:
        """Return the session's lecture with the wanted title that has no recording yet, made when there is none."""
        title = self._wish.lecture or ""
        with self._wiring.catalog.read() as db:
            there = [one for one in lectures.in_session(db, session_id) if one.title == title]
        for lecture in there:
            if lecture.audio_file_id is None:
                return lecture.id
        if there:
            raise InvalidInputError(f"The lecture “{title}” has a recording already", fix="Choose another title.")
        self._new_lecture = self._library.create_lecture(session_id, title).id
        return self._new_lecture

    def _drop_lecture(self) -> None:
        # It was made for the one recording that has just failed.
        if self._new_lecture is not None:
            self._library.delete_lecture(self._new_lecture)
            self._new_lecture = None

    def _settle(self, found: Found, saved: Saved) -> Saved:
        duplicates = saved.added.duplicates
        if not (self._wish.link and duplicates):
            return saved
        try:
            self._library.use_existing(saved.added.file.id, duplicates[0].file_id)
            return Saved(found, saved.added, linked_to=self._library.file(duplicates[0].file_id))
        except ConflictError:
            return saved  # the other has just been thrown away: this one is kept, and told to be
