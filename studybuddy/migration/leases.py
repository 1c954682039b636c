"""Who works on a migration: one thread of one process, by a lease in the catalog that a dead process loses."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from studybuddy.catalog import migrations
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.migrations import Migration
from studybuddy.claims import Claim
from studybuddy.errors import ConflictError
from studybuddy.migration.progress import Worker

INTERRUPTED = "The app was closed while it ran."


class Leases:
    """The leases of this process."""

    def __init__(self, catalog: Catalog, claim: Claim) -> None:
        self._catalog = catalog
        self._claim = claim
        self._lock = threading.Lock()
        self._held: dict[int, threading.Event] = {}

    @property
    def owner(self) -> str:
        """What stands in the catalog for a lease of this process."""
        return self._claim.id

    @contextmanager
    def hold(self, migration_id: int) -> Iterator[threading.Event]:
        """Hold a migration's lease, with the event that asks its holder to stop.

        Raises ConflictError when a living process, or another thread of this one, has it.
        """
        with self._reserved(migration_id) as stopping:
            self._take(migration_id)
            try:
                yield stopping
            finally:
                with self._catalog.write() as db:
                    migrations.release_lease(db, migration_id, self.owner)

    def worker(self, migration: Migration) -> Worker | None:
        """Tell who holds a migration's lease: this process, another one that lives, or none."""
        if migration.id in self._held:
            return "here"
        return None if self._is_dead(migration.lease_owner) else "elsewhere"

    def release_dead(self) -> None:
        """Pause the migrations whose processes died, and let go of their leases."""
        with self._catalog.read() as db:
            leased = migrations.leased(db)
        for migration in leased:
            owner = migration.lease_owner
            if self._is_dead(owner):
                with self._catalog.write() as db:
                    # Looked at within the transaction: a thread reserves before it takes.
                    if migration.id not in self._held:
                        migrations.release_dead(db, migration.id, owner, INTERRUPTED)

    def stop_all(self) -> None:
        """Ask every thread of this process that holds a lease to stop."""
        with self._lock:
            for stopping in self._held.values():
                stopping.set()

    @contextmanager
    def _reserved(self, migration_id: int) -> Iterator[threading.Event]:
        stopping = threading.Event()
        with self._lock:
            if migration_id in self._held:
                raise _busy(migration_id)
            self._held[migration_id] = stopping
        try:
            yield stopping
        finally:
            with self._lock:
                del self._held[migration_id]

    def _take(self, migration_id: int) -> None:
        with self._catalog.read() as db:
            owner = migrations.get(db, migration_id).lease_owner
        dead = owner is None or self._is_dead(owner)
        with self._catalog.write() as db:
            if not dead or not migrations.take_lease(db, migration_id, self.owner, instead_of=owner):
                raise _busy(migration_id)

    def _is_dead(self, owner: str | None) -> bool:
        # Our own, which no thread of ours holds, was left behind when the catalog could not be written.
        return owner in {None, self.owner} or not self._claim.alive(owner or "")


def _busy(migration_id: int) -> ConflictError:
    return ConflictError(
        f"Migration {migration_id} is being worked on already", fix="Wait until it is done, or pause it first."
    )
