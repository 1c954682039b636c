"""One thing from elsewhere into the library: read once, looked at, added to the target under where it came from."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from studybuddy import kinds
from studybuddy.adding.new_files import Added, NewFile, Spooled, spooled
from studybuddy.adding.spool import Spool
from studybuddy.catalog import links, origins
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.imports import Item, ItemChange, Wanted
from studybuddy.catalog.origins import Known
from studybuddy.errors import StudyBuddyError
from studybuddy.importing.sources import time_text
from studybuddy.importing.suspicion import check_bytes
from studybuddy.importing.together import Together
from studybuddy.library import Library
from studybuddy.storages import Storages
from studybuddy.streams import LimitedReader, Readable, copy
from studybuddy.units import MIB

_SMALL_BYTES = MIB
_IN_TRASH = "It is here already, in the trash."


class Fetched(Protocol):
    """What is at an http(s) address, and what its headers tell."""

    name: str
    size: int | None  # bytes
    modified_at: datetime | None

    def read(self, size: int = -1, /) -> bytes: ...


class Urls(Protocol):
    """What is at http(s) addresses."""

    def check(self, url: str) -> None:
        """Raise what the address alone tells of why it cannot be opened; nobody is asked."""
        ...

    def open(self, url: str) -> AbstractContextManager[Fetched]: ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What everything is brought with."""

    catalog: Catalog
    storages: Callable[[], Storages]
    library: Library  # its new files go to the target alone
    spool: Spool
    urls: Urls
    max_file_bytes: int


@dataclass(frozen=True, slots=True)
class _Source:
    """Bytes that can be read, and what is told of them."""

    stream: Readable
    name: str
    size: int | None  # when it was listed
    created_at: str | None


class Bringing:
    """Brings items. Safe to use from several threads, for different addresses."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._lock = threading.Lock()
        self._sessions: dict[str, int] = {}
        self._together = Together(tools.library.adopt_all)
        self._known = Together(self._known_of)  # opening the catalog takes longer than to look there

    def bring(self, item: Item, passing: Callable[[int], None]) -> ItemChange:
        """Bring one file here, unless it is; `passing` is told how many bytes came, again and again."""
        wanted, known = item.wanted, self._known(item.wanted.origin_url)
        if known and not _may_differ(wanted, known):
            return self._there(item, known)
        with self._open(wanted) as source, self._tools.spool.temporary() as (path, spooled):
            self._tools.spool.check_room(source.size or 0)
            limited = LimitedReader(_Watched(source.stream, passing), self._tools.max_file_bytes)
            size, sha256 = copy(limited, spooled)
            spooled.close()
            if known and (known.size, known.sha256) == (size, sha256):
                return self._there(item, known)
            return self._add(item, source, path, size=size, sha256=sha256)

    def _add(self, item: Item, source: _Source, path: Path, *, size: int, sha256: str) -> ItemChange:
        wanted = item.wanted
        name = wanted.name or source.name or wanted.lecture or "untitled"
        if wanted.place:
            check_bytes(kinds.detect(path, name), name, size=size, expected=wanted.expected)
        created_at = wanted.created_at or source.created_at
        new = NewFile(
            name,
            self._session(wanted.session),
            lecture_title=wanted.lecture,
            recorded_on=wanted.recorded_on or (created_at or "")[:10] or None,
            created_at=created_at,
            origin_url=wanted.origin_url,
        )
        added = self._adopt(spooled(path, new, size=size, sha256=sha256))
        if isinstance(added, StudyBuddyError):
            self._forget(wanted.session)  # it may be in the trash by now
            raise added
        return ItemChange(item.position, "done", item.attempts + 1, added.file.id, size)

    def _adopt(self, one: Spooled) -> Added | StudyBuddyError:
        # Small ones share their transactions; a large one keeps nobody waiting.
        return self._together(one) if one.size <= _SMALL_BYTES else self._tools.library.adopt_all([one])[0]

    def _there(self, item: Item, known: Known) -> ItemChange:
        """Take a file that is here already; where a table names it for another session, it is shown there, too."""
        if item.wanted.place and not known.in_trash:
            session_id = self._session(item.wanted.session)
            if session_id != known.session_id:
                with self._tools.catalog.write() as db:
                    links.insert(db, session_id=session_id, file_id=known.file_id)
        note = _IN_TRASH if known.in_trash else ""
        return ItemChange(item.position, "there", item.attempts, known.file_id, known.size, note)

    @contextmanager
    def _open(self, wanted: Wanted) -> Iterator[_Source]:
        if wanted.storage_id is None:
            with self._tools.urls.open(wanted.address) as fetched:
                modified_at = time_text(fetched.modified_at) if fetched.modified_at else None
                yield _Source(fetched, fetched.name, fetched.size, modified_at)
            return
        storage = self._tools.storages().get(wanted.storage_id)
        created_at, size = wanted.created_at, wanted.size
        if created_at is None:
            told = storage.stat(wanted.address)
            created_at, size = time_text(told.modified_at), told.size
        with storage.read(wanted.address) as stream:
            yield _Source(stream, wanted.name, size, created_at)

    def _known_of(self, urls: Sequence[str]) -> list[Known | None]:
        with self._tools.catalog.read() as db:
            found = origins.known(db, urls)
        return [found.get(url) for url in urls]

    def _session(self, title: str) -> int:
        """Return the session with a title; it is made when its first file has come."""
        with self._lock:
            if title not in self._sessions:
                self._sessions[title] = self._tools.library.session_titled(title).id
            return self._sessions[title]

    def _forget(self, title: str) -> None:
        with self._lock:
            self._sessions.pop(title, None)


class _Watched:
    """Passes reads through, telling how many bytes came."""

    def __init__(self, source: Readable, passing: Callable[[int], None]) -> None:
        self._source = source
        self._passing = passing

    def read(self, size: int = -1, /) -> bytes:
        piece = self._source.read(size)
        self._passing(len(piece))
        return piece


def _may_differ(wanted: Wanted, known: Known) -> bool:
    """Tell whether what is listed may be other bytes than those that came from there before."""
    if wanted.size not in (None, known.size):
        return True
    # To the second: of an object that was asked for by name, no more is told.
    return wanted.created_at is not None and wanted.created_at[:19] > known.created_at[:19]
