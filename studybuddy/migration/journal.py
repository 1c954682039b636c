"""What a migration writes into the catalog: every change of an item, in groups, each group one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from studybuddy import keys, kinds
from studybuddy.catalog import Database, copies, files, lectures, migration_items, migrations
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.copies import Switch
from studybuddy.catalog.migrations import Item, ItemChange, ItemState
from studybuddy.catalog.records import Copy

CHANGED = "It was moved or deleted while it was copied."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item that was begun."""

    item: Item
    state: ItemState  # switched: its bytes are at the target and verified
    error: str = ""
    source_is_bad: bool = False
    target_is_bad: bool = False  # the copy of before that was to be used again is not there as it should be
    goes_on: bool = False  # the next try goes on with what came of the target copy

    @property
    def keeps_target(self) -> bool:
        """Whether the item keeps its target copy."""
        return self.state == "switched" or (self.state == "todo" and self.goes_on)

    def change(self) -> ItemChange:
        """Return what is written of it."""
        change = self.item.changed(self.state, self.error)
        return change if self.keeps_target else change._replace(target_copy_id=None)


class Journal:
    """The journal of one migration, written by one thread. ConflictError when it no longer holds the lease."""

    def __init__(
        self,
        catalog: Catalog,
        migration_id: int,
        *,
        target_id: int,
        writer: str,
        goes_on: Callable[[int], bool] = lambda _: False,  # by size: whether the next try goes on with what came
    ) -> None:
        self._catalog = catalog
        self._id = migration_id
        self._target_id = target_id
        self._writer = writer
        self._goes_on = goes_on

    def advance(self, outcomes: Sequence[Outcome], *, begin: int, after: int) -> tuple[list[Item], list[Copy]]:
        """Settle items and begin up to `begin` others behind position `after`, in one transaction.

        Return the begun ones, with their target keys, and the doomed copies whose objects can go.
        """
        with self._catalog.write() as db:
            migrations.expect_lease(db, self._id, self._writer)
            doomed = self._settle(db, outcomes)
            return self._begin(db, begin, after), doomed

    def take_back(self) -> list[Copy]:
        """Put what a dead run had begun back to its place in the queue; return the copies that nobody goes on with."""
        doomed: list[Copy] = []
        with self._catalog.write() as db:
            migrations.expect_lease(db, self._id, self._writer)
            while begun := migrations.items(db, self._id, states=["copying"], limit=1000):
                migration_items.change(db, self._id, [self._taken_back(db, item, doomed) for item in begun])
            kept = [item for item in migrations.kept_items(db, self._id) if not self._goes_on(item.size)]
            migration_items.change(db, self._id, [self._given_up(db, item, doomed) for item in kept])
        return doomed

    def _settle(self, db: Database, outcomes: Sequence[Outcome]) -> list[Copy]:
        if not outcomes:
            return []
        doomed: list[Copy] = []
        settled = [_unless_changed(db, one) for one in self._switched(db, outcomes)]
        for one in settled:
            if not one.keeps_target:
                doomed += _drop(db, one.item.target_copy_id)
            if one.target_is_bad:
                doomed += copies.doom_spare(db, one.item.target_copy_id or 0)
            if one.source_is_bad:
                copies.spoil(db, one.item.source_copy_id)
        let_go = [one.item.target_copy_id or 0 for one in settled if one.state == "todo" and one.keeps_target]
        copies.take_over(db, let_go, None)  # else others would take them for being written
        migration_items.change(db, self._id, [one.change() for one in settled])
        return doomed

    def _switched(self, db: Database, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Switch the files whose bytes are at the target; return what became of all."""
        items = [one.item for one in outcomes if one.state == "switched"]
        moves = [Switch(item.file_id, item.source_copy_id, item.target_copy_id or 0) for item in items]
        switched = copies.switch_all(db, moves)
        files.clear_wanted(db, switched, storage_id=self._target_id)
        return [
            self._not_switched(db, one) if one.state == "switched" and one.item.file_id not in switched else one
            for one in outcomes
        ]

    @staticmethod
    def _not_switched(db: Database, one: Outcome) -> Outcome:
        current = copies.current_or_none(db, one.item.file_id)
        if current is not None and current.id == one.item.source_copy_id:
            return replace(one, state="todo")  # the copy that was there before was cleaned up meanwhile: make another
        return replace(one, state="skipped", error=CHANGED)

    def _begin(self, db: Database, limit: int, after: int) -> list[Item]:
        if limit <= 0:
            return []
        todo = migrations.items(db, self._id, states=["todo"], limit=limit, after=after)
        targets = self._mint_targets(db, todo)
        begun = [item.begun(targets.get(item.file_id)) for item in todo]
        migration_items.change(db, self._id, [item.changed("copying") for item in begun])
        return begun

    def _mint_targets(self, db: Database, items: Sequence[Item]) -> dict[int, tuple[int, str]]:
        """Mint the copies of the items that are not at the target yet; return their ids and keys by file."""
        # Nothing is to be copied of what was moved or deleted since.
        wanted = [item for item in items if not item.is_there and item.current_copy_id == item.source_copy_id]
        kept = {item.file_id: (item.target_copy_id or 0, item.target_key or "") for item in wanted if item.is_kept}
        copies.take_over(db, [copy_id for copy_id, _ in kept.values()], self._writer)
        new = [item for item in wanted if not item.is_kept]
        minted = [
            (item.file_id, key, self._goes_on(item.size)) for item, key in zip(new, _mint_keys(db, new), strict=True)
        ]
        ids = copies.insert_all(db, minted, storage_id=self._target_id, writer=self._writer)
        return kept | {file_id: (copy_id, key) for copy_id, (file_id, key, _) in zip(ids, minted, strict=True)}

    def _taken_back(self, db: Database, item: Item, doomed: list[Copy]) -> ItemChange:
        item = replace(item, attempts=item.attempts - 1)  # dying is not the item's fault
        if item.is_there:  # it was there before, or recovery found it whole
            return item.changed("todo")
        if item.is_kept and self._goes_on(item.size):
            return item.changed("todo")
        return self._given_up(db, item, doomed)

    @staticmethod
    def _given_up(db: Database, item: Item, doomed: list[Copy]) -> ItemChange:
        doomed += _drop(db, item.target_copy_id)
        return item.changed("todo")._replace(target_copy_id=None)


def _unless_changed(db: Database, one: Outcome) -> Outcome:
    """Return what became of an item; a file that was moved or deleted meanwhile has not failed."""
    if one.state != "failed":
        return one
    current = copies.current_or_none(db, one.item.file_id)
    if current is not None and current.id == one.item.source_copy_id:
        return one
    return replace(one, state="skipped", error=CHANGED, source_is_bad=False)


def _mint_keys(db: Database, items: Sequence[Item]) -> list[str]:
    """Mint the keys of items at the target: like the source's, or as of a new file where others named that."""
    return keys.others(
        [item.source_key if keys.is_of_a_file(item.source_key) else _own_key(db, item) for item in items]
    )


def _own_key(db: Database, item: Item) -> str:
    extension = kinds.extension_of(item.content_type)
    lecture = lectures.of_file(db, item.file_id)
    if lecture is not None:
        return keys.recording_key(lecture.id, extension)
    return keys.file_key(files.get(db, item.file_id).session_id, extension)


def _drop(db: Database, copy_id: int | None) -> list[Copy]:
    """Doom a copy that is not the current one of its file; return it, if it is there."""
    found = copies.get(db, copy_id) if copy_id is not None else None
    if found is None or found.state == "verified":
        return []
    copies.doom(db, found.id)
    return [replace(found, state="doomed", writer=None)]
