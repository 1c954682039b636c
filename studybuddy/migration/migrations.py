"""The migrations of this library: planned, run, paused, undone and cleaned up, by one process at a time each."""

import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from functools import partial

from studybuddy import removal, status
from studybuddy.catalog import migrations as catalog_migrations
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.migrations import Item, ItemState, Migration, Scope
from studybuddy.catalog.records import Copy
from studybuddy.claims import Claim
from studybuddy.errors import ConflictError, StudyBuddyError
from studybuddy.migration import outlook, plan, undo
from studybuddy.migration.copying import Crew, Crews
from studybuddy.migration.journal import Journal
from studybuddy.migration.leases import Leases
from studybuddy.migration.leftovers import Leftover, expect_cleanable, leftovers
from studybuddy.migration.live import Live
from studybuddy.migration.outlook import Outlook
from studybuddy.migration.plan import Plan
from studybuddy.migration.progress import Progress, Worker, progress
from studybuddy.migration.run import Run
from studybuddy.migration.undo import Work
from studybuddy.moving import goes_on
from studybuddy.storages import Storages
from studybuddy.units import utc_now

log = logging.getLogger(__name__)


class Migrations:
    """Every move of files between storages. NotFoundError for a migration that is not there."""

    def __init__(self, catalog: Catalog, storages: Callable[[], Storages], claim: Claim) -> None:
        self._catalog = catalog
        self._storages = storages
        self._leases = Leases(catalog, claim)
        self._runs: dict[int, Run] = {}
        self._threads: dict[int, threading.Thread] = {}
        self._outlooks: dict[int, Outlook] = {}

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

    def look_ahead(self, migration_id: int) -> Outlook:
        """Measure how long a migration takes, in about two seconds, and look what stands in its way."""
        migration, storages = self.get(migration_id), self._storages()
        source, target = storages.get(migration.source_id), storages.get(migration.target_id)
        found = outlook.look(self._catalog, migration, source, target)
        self._outlooks[migration_id] = found
        return found

    def outlook(self, migration_id: int) -> Outlook | None:
        """Return what the last `look_ahead` of this process found; None when the plan has changed since."""
        return self._outlooks.get(migration_id)

    def drop(self, migration_id: int) -> None:
        """Forget a plan of which nothing was begun."""
        with self._leases.hold(migration_id), self._catalog.write() as db:
            if catalog_migrations.get(db, migration_id).state != "planned":
                raise ConflictError(f"Migration {migration_id} was begun", fix="It stays in the history.")
            catalog_migrations.delete(db, migration_id)

    def join(self, migration_id: int) -> Plan:
        """Let the files that were added since the plan join it; raise ConflictError when it has ended."""
        self._outlooks.pop(migration_id, None)
        return plan.join(self._catalog, migration_id, self._storages().get(self.get(migration_id).target_id))

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

    def half_moved(self, migration: Migration) -> list[Item]:
        """Return the large files of which a part may have come, and that go on where they were."""
        with self._catalog.read() as db:
            return catalog_migrations.kept_items(db, migration.id)

    def leftovers(self, migration: Migration) -> list[Leftover]:
        """Return the copies that a migration left behind and its clean-up would delete now."""
        with self._catalog.read() as db:
            return leftovers(db, migration)

    def worker(self, migration: Migration) -> Worker | None:
        """Tell whether this process works on a migration, another one, or none that lives."""
        return self._leases.worker(migration)

    def live(self, migration_id: int) -> Live | None:
        """Return what a run of this process is doing right now."""
        run = self._runs.get(migration_id)
        return run.live if run else None

    def progress(self, migration: Migration) -> Progress:
        """Return how far a migration is; of a run of this process also how fast."""
        return progress(migration, self.live(migration.id))

    def is_running(self) -> bool:
        """Tell whether this process is copying files right now."""
        return bool(self._runs)

    def start(self, migration_id: int) -> None:
        """Run a migration, or go on with it, in the background."""
        with ExitStack() as held:
            stopping = held.enter_context(self._leases.hold(migration_id))
            self._expect_runnable(self.get(migration_id))
            work = partial(self._run_in_background, migration_id, stopping, held.pop_all())
        thread = threading.Thread(target=work, name=f"migration-{migration_id}", daemon=True)
        self._threads[migration_id] = thread
        thread.start()

    def run(self, migration_id: int, *, crews: Crews | None = None) -> Migration:
        """Run a migration, or go on with it, until nothing is left or something pauses it.

        With `crews`, other processes copy; raises ConflictError or ClusterError where they cannot.
        """
        with self._leases.hold(migration_id) as stopping:
            self._carry_out(migration_id, stopping, crews)
        return self.get(migration_id)

    def pause(self, migration_id: int) -> None:
        """Have whoever runs a migration pause it soon.

        Of the files that are being copied, large ones go on later where they were, and the others begin anew.
        """
        with self._catalog.write() as db:
            catalog_migrations.pause(db, migration_id)

    def retry_failed(self, migration_id: int) -> Migration:
        """Put a migration's failed items back into its queue."""
        with self._leases.hold(migration_id):
            self._expect_runnable(self.get(migration_id))
            with self._catalog.write() as db:
                catalog_migrations.retry_failed(db, migration_id)
        return self.get(migration_id)

    def undo(self, migration_id: int) -> Migration:
        """Switch the files back to their source copies; no bytes move.

        Raises UnavailableError when the source does not answer. What cannot go back says why, and stays.
        """
        with self._leases.hold(migration_id) as stopping:
            migration = self.get(migration_id)
            if migration.state in {"undone", "cleaned"} or not migration.count("switched", "undone").files:
                raise ConflictError("Nothing of this migration is left to undo", fix="Look at its items.")
            self._change(migration_id, goes_on=0)
            source = self._storages().get(migration.source_id)
            self._remove(self._journal(migration).take_back())
            undo.undo(self._work(migration_id, stopping), source)
            if not self.get(migration_id).count("switched").files:
                self._change(migration_id, state="undone", reason="", ended_at=utc_now())
        return self.get(migration_id)

    def clean_up(self, migration_id: int, *, now: bool = False) -> Migration:
        """Delete what a migration left behind: the source copies, or, of what was undone, the target's.

        Raises ConflictError before its hold of 7 days is over, unless told `now`.
        """
        with self._leases.hold(migration_id) as stopping:
            storages = self._storages()
            expect_cleanable(self.get(migration_id), storages, now=now)
            for doomed in undo.clean_up(self._work(migration_id, stopping), storages):
                self._remove(doomed)
            if not self.get(migration_id).count("switched", "undone").files:
                self._change(migration_id, state="cleaned")
        return self.get(migration_id)

    def recover(self) -> None:
        """Say of the migrations whose process died that they wait to go on."""
        self._leases.release_dead()

    def go_on(self) -> None:
        """Go on, in the background, with what has waited for a storage that answers now."""
        with self._catalog.read() as db:
            waiting = catalog_migrations.waiting(db)
        for migration in waiting:
            if self.worker(migration) is None and outlook.can_go_on(self._storages(), migration):
                with suppress(ConflictError):  # a person was faster
                    self.start(migration.id)

    def stop(self, *, timeout_s: float = 10) -> None:
        """Pause what this process runs, and wait for it."""
        self._leases.stop_all()
        for thread in list(self._threads.values()):
            thread.join(timeout_s)

    def _carry_out(self, migration_id: int, stopping: threading.Event, crews: Crews | None = None) -> None:
        migration = self.get(migration_id)
        self._expect_runnable(migration)
        with self._crew(migration, stopping, crews) as crew:
            self._carry_out_by(migration, stopping, crew)

    def _carry_out_by(self, migration: Migration, stopping: threading.Event, crew: Crew | None) -> None:
        migration_id, run = migration.id, self._new_run(migration, stopping, crew)
        self._runs[migration_id] = run
        try:
            started_at = migration.started_at or utc_now()
            self._change(migration_id, state="running", reason="", goes_on=0, started_at=started_at)
            self._run_to_the_end(migration_id, run)
        except BaseException as error:
            self._change(migration_id, state="paused", reason=_why(error))
            raise
        finally:
            del self._runs[migration_id]

    def _run_to_the_end(self, migration_id: int, run: Run) -> None:
        while run():
            with self._catalog.write() as db:
                if catalog_migrations.end(db, migration_id):
                    return  # else files have joined meanwhile
        goes_on = run.goes_on and not self.get(migration_id).pause_wanted
        self._change(migration_id, state="paused", reason=run.reason, goes_on=int(goes_on))

    def _crew(
        self, migration: Migration, stopping: threading.Event, crews: Crews | None
    ) -> AbstractContextManager[Crew | None]:
        if crews is None:
            return nullcontext()
        if migration.bytes_per_second:
            raise ConflictError("Only this computer alone keeps to a speed limit", fix="Run it without a cluster.")
        storages = self._storages()
        source, target = storages.get(migration.source_id), storages.get(migration.target_id)
        return crews.join(source, target, writer=self._leases.owner, stopping=stopping)

    def _new_run(self, migration: Migration, stopping: threading.Event, crew: Crew | None) -> Run:
        storages = self._storages()
        source, target = storages.get(migration.source_id), storages.get(migration.target_id)
        plan.check_places(source, target)
        for storage in (source, target):
            status.expect_there(storage)
        return Run(
            self._journal(migration, goes_on=partial(goes_on, target)), source, target,
            bytes_per_second=migration.bytes_per_second,
            pause_wanted=lambda: self.get(migration.id).pause_wanted,
            remove=self._remove,
            stopping=stopping,
            crew=crew,
        )  # fmt: skip

    def _journal(self, migration: Migration, **options: Callable[[int], bool]) -> Journal:
        return Journal(self._catalog, migration.id, target_id=migration.target_id, writer=self._leases.owner, **options)

    def _work(self, migration_id: int, stopping: threading.Event) -> Work:
        return Work(self._catalog, migration_id, self._leases.owner, stopping)

    def _run_in_background(self, migration_id: int, stopping: threading.Event, held: ExitStack) -> None:
        try:
            with held:
                self._carry_out(migration_id, stopping)
        except Exception as error:
            log.exception("migration %d was interrupted", migration_id)
            self._change(migration_id, reason=_why(error))  # also when it could not even begin
        finally:
            self._threads.pop(migration_id, None)

    def _expect_runnable(self, migration: Migration) -> None:
        if migration.state in {"undone", "cleaned"}:
            raise ConflictError(f"Migration {migration.id} is {migration.state}", fix="Plan another one.")

    def _remove(self, doomed: Iterable[Copy]) -> None:
        removal.remove_objects(self._catalog, self._storages(), doomed)

    def _change(self, migration_id: int, **columns: str | int | None) -> None:
        with self._catalog.write() as db:
            catalog_migrations.change(db, migration_id, **columns)


def _why(error: BaseException) -> str:
    if isinstance(error, StudyBuddyError):
        return f"{error}. {error.fix}".strip()
    return "It was stopped." if isinstance(error, KeyboardInterrupt) else "It was interrupted by an error in the app."
