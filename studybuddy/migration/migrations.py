"""The migrations of this library: planned, run, paused, undone and cleaned up, by one process at a time each."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from studybuddy import removal
from studybuddy.catalog import migrations as catalog_migrations
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.migrations import Item, ItemState, Migration, Scope
from studybuddy.catalog.records import Copy
from studybuddy.claims import Claim
from studybuddy.errors import ConflictError
from studybuddy.migration import plan, undo
from studybuddy.migration.journal import Journal
from studybuddy.migration.plan import Plan
from studybuddy.migration.run import Live, Run
from studybuddy.storages import Storages
from studybuddy.units import TIME_FORMAT, utc_now

log = logging.getLogger(__name__)

HOLD = timedelta(days=7)
INTERRUPTED = "The app was closed while it ran."


class Migrations:
    """Every move of files between storages. NotFoundError for a migration that is not there."""

    def __init__(self, catalog: Catalog, storages: Callable[[], Storages], claim: Claim) -> None:
        self._catalog = catalog
        self._storages = storages
        self._claim = claim
        self._lock = threading.Lock()
        self._runs: dict[int, Run] = {}
        self._threads: dict[int, threading.Thread] = {}

    def plan(self, source: str, target: str, scope: Scope, *, bytes_per_second: int | None = None) -> Plan:
        """Freeze what moves from one storage to another, by their names."""
        storages = self._storages()
        return plan.make(
            self._catalog, storages.named(source), storages.named(target), scope, bytes_per_second=bytes_per_second
        )

    def read_plan(self, migration_id: int) -> Plan:
        """Return a migration's plan."""
        with self._catalog.read() as db:
            return plan.read(db, migration_id)

    def join(self, migration_id: int) -> Plan:
        """Let the files that were added since the plan join it."""
        migration = self.get(migration_id)
        if migration.state not in {"planned", "running", "paused"}:
            raise ConflictError(f"Migration {migration_id} is {migration.state}", fix="Plan another one.")
        return plan.join(self._catalog, migration_id, self._storages().get(migration.target_id))

    def get(self, migration_id: int) -> Migration:
        """Return a migration as it is now."""
        with self._catalog.read() as db:
            return catalog_migrations.get(db, migration_id)

    def page(self, *, limit: int = 20, after: int | None = None) -> list[Migration]:
        """Return migrations, the last planned first."""
        with self._catalog.read() as db:
            return catalog_migrations.page(db, limit=limit, after=after)

    def items(
        self, migration_id: int, *, states: Iterable[ItemState] = (), limit: int = 50, after: int = 0
    ) -> list[Item]:
        """Return a page of a migration's items."""
        with self._catalog.read() as db:
            return catalog_migrations.items(db, migration_id, states=[*states], limit=limit, after=after)

    def live(self, migration_id: int) -> Live | None:
        """Return what a run of this process is doing right now."""
        run = self._runs.get(migration_id)
        return run.live if run else None

    def is_running(self) -> bool:
        """Tell whether this process is copying files right now."""
        return bool(self._runs)

    def start(self, migration_id: int) -> None:
        """Run a migration, or go on with it, in the background."""
        self._expect_runnable(self.get(migration_id))
        thread = threading.Thread(target=self._run_logged, args=[migration_id], name=f"migration-{migration_id}")
        thread.daemon = True
        self._threads[migration_id] = thread
        thread.start()

    def run(self, migration_id: int) -> Migration:
        """Run a migration, or go on with it, until nothing is left or something pauses it."""
        self._expect_runnable(self.get(migration_id))
        with self._leased(migration_id) as migration:
            self._change(migration_id, state="running", reason="", started_at=migration.started_at or utc_now())
            run = self._new_run(migration)
            self._runs[migration_id] = run
            try:
                done = run()
            except BaseException:
                self._change(migration_id, state="paused", reason="It was interrupted.")
                raise
            finally:
                del self._runs[migration_id]
            self._end(migration_id, run, done=done)
        return self.get(migration_id)

    def pause(self, migration_id: int) -> None:
        """Have whoever runs a migration pause it soon; what is being copied is copied again later."""
        self._change(migration_id, pause_wanted=1)

    def retry_failed(self, migration_id: int) -> Migration:
        """Put a migration's failed items back into its queue."""
        with self._leased(migration_id), self._catalog.write() as db:
            catalog_migrations.retry_failed(db, migration_id)
        return self.get(migration_id)

    def undo(self, migration_id: int) -> Migration:
        """Switch the files back to their source copies; no bytes move."""
        with self._leased(migration_id) as migration:
            if not migration.count("switched").files:
                raise ConflictError("Nothing of this migration is left to undo", fix="Look at its items.")
            undo.undo(self._catalog, migration_id, self._storages().get(migration.source_id))
            if not self.get(migration_id).count("switched").files:
                self._change(migration_id, state="undone", reason="", ended_at=utc_now())
        return self.get(migration_id)

    def clean_up(self, migration_id: int, *, now: bool = False) -> Migration:
        """Delete what a migration left behind: the source copies, or, when it was undone, the target's.

        Raises ConflictError before its hold of 7 days is over, unless told `now`.
        """
        with self._leased(migration_id) as migration:
            state = self._expect_cleanable(migration, now=now)
            storages = self._storages()
            kept = storages.get(migration.target_id if state == "switched" else migration.source_id)
            for doomed in undo.clean_up(self._catalog, migration_id, kept, state=state):
                removal.remove_objects(self._catalog, storages, doomed)
            if not self.get(migration_id).count(state).files:
                self._change(migration_id, state="cleaned")
        return self.get(migration_id)

    def recover(self) -> None:
        """Say of the migrations whose process died that they wait to go on."""
        with self._catalog.read() as db:
            leased = catalog_migrations.leased(db)
        for migration in leased:
            owner = migration.lease_owner
            if owner and owner != self._claim.id and not self._claim.alive(owner):
                with self._catalog.write() as db:
                    catalog_migrations.release_dead(db, migration.id, owner, INTERRUPTED)

    def stop(self, *, timeout_s: float = 10) -> None:
        """Pause what this process runs, and wait for it."""
        for run in list(self._runs.values()):
            run.stop()
        for thread in list(self._threads.values()):
            thread.join(timeout_s)

    @contextmanager
    def _leased(self, migration_id: int) -> Iterator[Migration]:
        """Hold a migration's lease; raise ConflictError when a living process, or a thread of this one, has it."""
        owner = self.get(migration_id).lease_owner
        alive = owner is not None and self._claim.alive(owner)
        with self._catalog.write() as db:
            taken = not alive and catalog_migrations.take_lease(db, migration_id, self._claim.id, instead_of=owner)
        if not taken:
            raise ConflictError(
                f"Migration {migration_id} is being worked on already", fix="Wait until it is done, or pause it first."
            )
        try:
            yield self.get(migration_id)
        finally:
            self._change(migration_id, lease_owner=None, pause_wanted=0)

    def _new_run(self, migration: Migration) -> Run:
        storages = self._storages()
        source, target = storages.get(migration.source_id), storages.get(migration.target_id)
        plan.check_places(source, target)
        journal = Journal(self._catalog, migration.id, target_id=target.id, writer=self._claim.id)
        return Run(
            journal, source, target,
            bytes_per_second=migration.bytes_per_second,
            pause_wanted=lambda: self.get(migration.id).pause_wanted,
            remove=self._remove,
        )  # fmt: skip

    def _run_logged(self, migration_id: int) -> None:
        try:
            self.run(migration_id)
        except Exception as error:
            log.exception("migration %d was interrupted", migration_id)
            self._change(migration_id, reason=f"It was interrupted: {error}")
        finally:
            self._threads.pop(migration_id, None)

    def _end(self, migration_id: int, run: Run, *, done: bool) -> None:
        if not done:
            self._change(migration_id, state="paused", reason=run.reason)
            return
        failed = self.get(migration_id).count("failed").files
        self._change(migration_id, state="failed" if failed else "done", reason="", ended_at=utc_now())

    def _expect_runnable(self, migration: Migration) -> None:
        if migration.state in {"undone", "cleaned"}:
            raise ConflictError(f"Migration {migration.id} is {migration.state}", fix="Plan another one.")

    def _expect_cleanable(self, migration: Migration, *, now: bool) -> ItemState:
        if migration.state not in {"done", "failed", "undone"} or migration.ended_at is None:
            raise ConflictError(f"Migration {migration.id} is {migration.state}", fix="Let it come to its end first.")
        state: ItemState = "undone" if migration.state == "undone" else "switched"
        left = migration.source_id if state == "switched" else migration.target_id
        storage = self._storages().get(left)
        if not storage.takes_files:
            raise ConflictError(
                f"{storage.label} is read only: nothing is deleted there", fix="Delete it there by hand."
            )
        until = datetime.strptime(migration.ended_at, TIME_FORMAT).replace(tzinfo=UTC) + HOLD
        if not now and datetime.now(UTC) < until:
            raise ConflictError(
                f"The copies in {storage.label} are kept until {until:%Y-%m-%d}",
                fix="Wait until then, or say that you want it now.",
            )
        return state

    def _remove(self, doomed: Iterable[Copy]) -> None:
        removal.remove_objects(self._catalog, self._storages(), doomed)

    def _change(self, migration_id: int, **columns: str | int | None) -> None:
        with self._catalog.write() as db:
            catalog_migrations.change(db, migration_id, **columns)
