"""The copy of one item: a function of two storages and the item, the same in a thread here and on another machine."""

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from threading import Event
from typing import Protocol

from studybuddy.catalog.migrations import Item
from studybuddy.drivers.driver import Held
from studybuddy.errors import StudyBuddyError
from studybuddy.moving import Resumption, copy_object, end_copy, fetch_object
from studybuddy.storage import Storage
from studybuddy.streams import Passing


class Stopped(Exception):
    """Raised inside a copy when the migration is to pause; no error."""


class Crew(Protocol):
    """Copies items in other processes. It only copies and verifies; the catalog is written here."""

    @property
    def ahead(self) -> int:
        """How many items keep it busy."""
        ...

    def submit(self, items: Sequence[Item]) -> Iterable[tuple[Item, "Future[None]"]]:
        """Have items copied to their target keys; each future ends as a copy by a thread here would."""
        ...


class Crews(Protocol):
    """Where a crew for a run comes from."""

    def join(self, source: Storage, target: Storage, *, writer: str, stopping: Event) -> AbstractContextManager[Crew]:
        """Give a crew until the end of the block; when `stopping` is set, its copies raise Stopped."""
        ...


def copy_item(
    source: Storage, target: Storage, item: Item, passing: Passing, *, held: Passing = lambda _: None
) -> None:
    """Copy an item's object to its target key, or the rest of it; verified when this returns.

    `held` is told how many bytes the target has from before. Raises as `copy_object` does.
    """
    copy_object(
        source, item.source_key, target, item.target_key or "",
        size=item.size, sha256=item.sha256, content_type=item.content_type, passing=passing,
        resumption=Resumption(is_new=not item.resumes, held=held),
    )  # fmt: skip


def end_item(
    source: Storage, target: Storage, item: Item, passing: Passing, *, failure: StudyBuddyError | None
) -> None:
    """End the copy of an item that the provider made, or failed to make, together with others. Raises as above."""
    end_copy(
        source, item.source_key, target, item.target_key or "",
        size=item.size, sha256=item.sha256, content_type=item.content_type, passing=passing, failure=failure,
    )  # fmt: skip


def fetch_item(source: Storage, item: Item, passing: Passing, *, at_hand: bytes | None) -> Held:
    """Return an item's bytes, to be written to its target key. Raises as `copy_object` does.

    What is `at_hand`, because it was read together with others, is not read again if it is right.
    """
    if at_hand is not None and hashlib.sha256(at_hand).hexdigest() == item.sha256:
        content = at_hand
        passing(len(content))
    else:
        content = fetch_object(source, item.source_key, size=item.size, sha256=item.sha256, passing=passing)
    return Held(item.target_key or "", content, item.sha256, item.content_type)
