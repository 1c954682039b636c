"""The library: what a person can do with sessions, lectures and files. Pages, API and command line only ask it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

from studybuddy import fields, removal
from studybuddy.adding.adding import Adding
from studybuddy.adding.groups import Groups
from studybuddy.adding.new_files import Added, NewFile, Spooled, spooled
from studybuddy.adding.spool import Spool
from studybuddy.catalog import arrivals, files, lectures, links, sessions
from studybuddy.catalog import tags as session_tags
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.records import File, Lecture, Session
from studybuddy.errors import ConflictError, StudyBuddyError
from studybuddy.names import clean_name, content_disposition
from studybuddy.pauses import Pauses
from studybuddy.reading import Elsewhere, Opened, Reading
from studybuddy.storages import Storages
from studybuddy.streams import LimitedReader, Readable, copy
from studybuddy.units import utc_now

_URL_LIFETIME = timedelta(minutes=15)


class Library:
    """Sessions, lectures and files, over a catalog and the storages that hold their bytes.

    Anything that is not there raises NotFoundError; anything that contradicts its state, ConflictError.
    """

    def __init__(  # noqa: PLR0913
        self,
        catalog: Catalog,
        storages: Callable[[], Storages],
        spool: Spool,
        pauses: Pauses,
        *,
        writer: str,
        max_file_bytes: int,
    ) -> None:
        self.catalog = catalog
        self.storages = storages
        self._spool = spool
        self._pauses = pauses
        self._reading = Reading(catalog, storages, pauses)
        self._adding = Adding(catalog, storages, pauses, writer=writer)
        self._writer = writer
        self._max_file_bytes = max_file_bytes

    def is_adding(self) -> bool:
        """Tell whether this process is writing copies right now."""
        return self._adding.active

    def add(self, source: Readable, new: NewFile) -> Added:
        """Read `source` to its end and save it; when this returns, the file is safe.

        Raises TooLargeError, NoSpaceError, InvalidInputError or StorageError; then nothing is left of it.
        """
        with self._spool.temporary() as (path, stream):
            size, sha256 = copy(LimitedReader(source, self._max_file_bytes), stream)
            stream.close()
            return self.adopt(path, new, size=size, sha256=sha256)

    def adopt(self, path: Path, new: NewFile, *, size: int, sha256: str) -> Added:
        """Save a temporary file whose bytes are known; it is moved where it can be, else copied."""
        outcome = self.adopt_all([spooled(path, new, size=size, sha256=sha256)])[0]
        if isinstance(outcome, StudyBuddyError):
            raise outcome
        return outcome

    def adopt_all(self, batch: Sequence[Spooled]) -> list[Added | StudyBuddyError]:
        """Save temporary files whose bytes are known, as `adopt` does, with two transactions for all of them."""
        return self._adding.add(batch)

    def add_many(
        self, found: Iterable[tuple[Path, NewFile]], *, on_read: Callable[[int], None] | None = None
    ) -> Iterator[tuple[Path, Added | StudyBuddyError]]:
        """Save a person's files in groups; yield each with what became of it. The person's own files stay.

        `on_read` is told how many bytes were read, again and again.
        """
        groups = Groups(self._spool, max_file_bytes=self._max_file_bytes, on_read=on_read)
        return groups.save_all(found, self._adding.add)

    def use_existing(self, file_id: int, existing_id: int) -> None:
        """Keep one of two files with the same bytes: show the existing one where the other was, and drop the other."""
        with self.catalog.write() as db:
            file, existing = files.get(db, file_id), files.get(db, existing_id)
            if file.id == existing.id or (file.sha256, file.size) != (existing.sha256, existing.size):
                raise ConflictError("The two files do not hold the same bytes", fix="Keep both.")
            if existing.trashed_at:
                raise ConflictError("The other file is in the trash", fix="Restore it first, or keep both.")
            if existing.session_id != file.session_id:
                links.insert(db, session_id=file.session_id, file_id=existing.id)
                lectures.use_recording(db, file.id, instead=existing.id)
            doomed = removal.drop_file(db, file.id)
        removal.remove(self.catalog, self.storages(), doomed, pauses=self._pauses)

    def unlink(self, file_id: int, *, session_id: int) -> None:
        """Show a linked file in its own session alone again."""
        with self.catalog.write() as db:
            links.delete(db, session_id=session_id, file_id=file_id)

    def file(self, file_id: int) -> File:
        """Return a file, also from the trash."""
        with self.catalog.read() as db:
            return files.get(db, file_id)

    def open(self, file_id: int, *, start: int = 0, stop: int | None = None) -> AbstractContextManager[Opened]:
        """Open the bytes [start, stop) of a file, wherever it is, from another good copy when its storage fails."""
        return self._reading.open(file_id, start=start, stop=stop)

    def here(self, file_id: int) -> Path | None:
        """Return the file on this computer that a file's bytes are, to be read in place; None: they are elsewhere."""
        return self._reading.here(file_id)

    def elsewhere(self, shown: Sequence[File]) -> dict[int, Elsewhere]:
        """Say which of these files do not open from their own storage now."""
        return self._reading.elsewhere(shown)

    def redirect_url(self, file_id: int, *, attachment: bool = False) -> str | None:
        """Return a link to a file's bytes at its storage, good for 15 minutes; None where the storage has none."""
        file = self.file(file_id)
        storage, copy = self._reading.expected_place(file_id)
        return storage.url(
            copy.key,
            expires=_URL_LIFETIME,
            disposition=content_disposition(file.name, attachment=attachment),
            content_type=file.content_type,
        )

    def rename_file(self, file_id: int, name: str) -> File:
        """Give a file another name."""
        with self.catalog.write() as db:
            files.get(db, file_id)
            files.update(db, file_id, name=clean_name(name))
            return files.get(db, file_id)

    def move_file(self, file_id: int, session_id: int, *, drop_empty: bool = False) -> File:
        """Move a file with its lecture to another session; `drop_empty`: the one that it leaves goes, if now empty."""
        with self.catalog.write() as db:
            file = files.get(db, file_id)
            target = _live(sessions.get(db, session_id))
            files.update(db, file_id, session_id=target.id)
            lectures.move_with_file(db, file_id, from_session=file.session_id, to_session=target.id)
            links.delete(db, session_id=target.id, file_id=file_id)
            sessions.touch(db, target.id)
            if drop_empty and file.session_id != target.id:
                sessions.delete_empty(db, file.session_id)
            return files.get(db, file_id)

    def trash_file(self, file_id: int) -> File:
        """Put a file in the trash, from where it can be restored for 30 days."""
        with self.catalog.write() as db:
            if files.get(db, file_id).trashed_at is None:
                files.set_trashed(db, [file_id], utc_now())
            return files.get(db, file_id)

    def restore_file(self, file_id: int) -> File:
        """Take a file out of the trash, and its session when that is there too."""
        with self.catalog.write() as db:
            file = files.get(db, file_id)
            files.set_trashed(db, [file_id], None)
            sessions.update(db, file.session_id, trashed_at=None)
            return files.get(db, file_id)

    def purge_file(self, file_id: int) -> None:
        """Delete a file that is in the trash, for good."""
        with self.catalog.write() as db:
            if files.get(db, file_id).trashed_at is None:
                raise ConflictError(f"File {file_id} is not in the trash", fix="Put it in the trash first.")
            doomed = removal.drop_file(db, file_id)
        removal.remove(self.catalog, self.storages(), doomed, pauses=self._pauses)

    def create_session(
        self,
        title: str,
        *,
        subject: str = "",
        description: str = "",
        tags: Iterable[str] = (),
        arriving: Collection[str] | None = None,
    ) -> Session:
        """Make a session; `arriving` are the SHA-256 of what comes into it: until its arrival ends, it is not whole."""
        row = {
            "title": fields.title(title),
            "subject": fields.subject(subject),
            "description": fields.description(description),
        }
        names = fields.tags(tags)
        with self.catalog.write() as db:
            session_id = sessions.insert(db, **row)
            session_tags.add(db, session_id, names)
            if arriving is not None:
                arrivals.begin(db, session_id, writer=self._writer, sha256s=arriving)
            return sessions.get(db, session_id)

    def session_titled(self, title: str, *, tags: Iterable[str] = ()) -> Session:
        """Return the oldest session with this title, made when there is none, and give it these tags as well."""
        title, names = fields.title(title), fields.tags(tags)
        with self.catalog.write() as db:
            session_id = sessions.with_title(db, title)
            if session_id is None:
                session_id = sessions.insert(db, title=title, subject="", description="")
            session_tags.add(db, session_id, names)
            return sessions.get(db, session_id)

    def session(self, session_id: int) -> Session:
        """Return a session, also from the trash."""
        with self.catalog.read() as db:
            return sessions.get(db, session_id)

    def update_session(
        self,
        session_id: int,
        *,
        title: str | None = None,
        subject: str | None = None,
        description: str | None = None,
        tags: Iterable[str] | None = None,
    ) -> Session:
        """Change what is given of a session; None leaves a field as it is."""
        row = {
            "title": None if title is None else fields.title(title),
            "subject": None if subject is None else fields.subject(subject),
            "description": None if description is None else fields.description(description),
        }
        names = None if tags is None else fields.tags(tags)
        with self.catalog.write() as db:
            sessions.get(db, session_id)
            sessions.update(db, session_id, **{name: value for name, value in row.items() if value is not None})
            if names is not None:
                session_tags.replace(db, session_id, names)
            return sessions.get(db, session_id)

    def trash_session(self, session_id: int) -> Session:
        """Put a session and its files in the trash."""
        with self.catalog.write() as db:
            if sessions.get(db, session_id).trashed_at is None:
                now = utc_now()
                files.trash_in_session(db, session_id, now)
                sessions.update(db, session_id, trashed_at=now)
            return sessions.get(db, session_id)

    def restore_session(self, session_id: int) -> Session:
        """Take a session out of the trash, with the files that went in together with it."""
        with self.catalog.write() as db:
            session = sessions.get(db, session_id)
            if session.trashed_at is not None:
                files.restore_in_session(db, session_id, session.trashed_at)
                sessions.update(db, session_id, trashed_at=None)
            return sessions.get(db, session_id)

    def purge_session(self, session_id: int) -> None:
        """Delete a session that is in the trash, its lectures and all of its files, for good."""
        with self.catalog.write() as db:
            if sessions.get(db, session_id).trashed_at is None:
                raise ConflictError(f"Session {session_id} is not in the trash", fix="Put it in the trash first.")
            doomed = removal.drop_session(db, session_id)
        removal.remove(self.catalog, self.storages(), doomed, pauses=self._pauses)

    def create_lecture(self, session_id: int, title: str, *, recorded_on: str | None = None) -> Lecture:
        """Make a lecture that has no recording yet."""
        title = fields.title(title)
        recorded_on = None if recorded_on is None else fields.day(recorded_on)
        with self.catalog.write() as db:
            _live(sessions.get(db, session_id))
            lecture_id = lectures.insert(db, session_id=session_id, title=title, recorded_on=recorded_on)
            sessions.touch(db, session_id)
            return lectures.get(db, lecture_id)

    def lecture(self, lecture_id: int) -> Lecture:
        """Return a lecture."""
        with self.catalog.read() as db:
            return lectures.get(db, lecture_id)

    def update_lecture(self, lecture_id: int, *, title: str | None = None, recorded_on: str | None = None) -> Lecture:
        """Change a lecture's title, or the date of its recording; None leaves a field as it is."""
        row = {
            "title": None if title is None else fields.title(title),
            "recorded_on": None if recorded_on is None else fields.day(recorded_on),
        }
        given = {name: value for name, value in row.items() if value is not None}
        with self.catalog.write() as db:
            lectures.get(db, lecture_id)
            if given:
                lectures.update(db, lecture_id, **given)
            return lectures.get(db, lecture_id)

    def delete_lecture(self, lecture_id: int) -> None:
        """Delete a lecture; its recording goes to the trash."""
        with self.catalog.write() as db:
            lecture = lectures.get(db, lecture_id)
            if lecture.audio_file_id is not None:
                files.set_trashed(db, [lecture.audio_file_id], utc_now())
            lectures.delete(db, lecture_id)


def _live(session: Session) -> Session:
    if session.trashed_at is not None:
        raise ConflictError(f"The session “{session.title}” is in the trash", fix="Restore it first.")
    return session
