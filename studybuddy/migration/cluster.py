"""A Dask cluster that copies a migration's items. Its workers get the storages' keys, and nothing of the catalog."""

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from uuid import uuid4

from distributed import Client, Event, KilledWorker

from studybuddy.catalog.migrations import Item
from studybuddy.drivers.driver import CountsRequests
from studybuddy.errors import ClusterError, ConflictError, WorkerLostError
from studybuddy.migration.worker import Copied, Work, be_there, copy_batch, look, stop
from studybuddy.opening import address_of
from studybuddy.storage import Storage
from studybuddy.units import MIB

log = logging.getLogger(__name__)

_ANSWER_S = 10
_LOOK_EVERY_S = 0.25
_BATCH_ITEMS, _BATCH_BYTES = 16, 64 * MIB
_BATCHES_AHEAD = 3  # for each thread of a worker: one is copied, the next ones wait there

Pair = tuple[Item, "Future[None]"]


class Cluster:
    """The cluster of a Dask scheduler."""

    def __init__(self, address: str, *, shared_disk: bool = False) -> None:
        self._address = address
        self._shared_disk = shared_disk

    @contextmanager
    def join(self, source: Storage, target: Storage, *, writer: str, stopping: threading.Event) -> Iterator["DaskCrew"]:
        """Give a crew of the workers there are; raise ConflictError where they cannot reach a storage."""
        for storage in (source, target):
            self._expect_reachable(storage)
        with self._client() as client:
            work = Work(uuid4().hex, address_of(source), address_of(target), writer)
            _expect_workers(client, work)
            with DaskCrew(client, work, source, target, stopping).working() as crew:
                yield crew

    def _expect_reachable(self, storage: Storage) -> None:
        if storage.kind == "local" and not self._shared_disk:
            raise ConflictError(
                f"The workers of a cluster do not see {storage.label}",
                fix="Give --shared-disk if all of them have its folder under the same name; else run it here.",
            )

    @contextmanager
    def _client(self) -> Iterator[Client]:
        try:
            client = Client(self._address, timeout=_ANSWER_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ClusterError(
                f"No Dask scheduler answers at {self._address}", fix="Start it: dask scheduler."
            ) from error
        try:
            yield client
        finally:
            client.close()


class DaskCrew:
    """Sends items to the workers in batches, and stops them when the run stops."""

    def __init__(self, client: Client, work: Work, source: Storage, target: Storage, stopping: threading.Event) -> None:
        self._client = client
        self._work = work
        self._source = source
        self._target = target
        self._stopping = stopping
        self._ended = threading.Event()
        self._sent: dict[str, tuple[Any, Sequence[Pair]]] = {}  # Dask forgets a task that nobody holds
        self._batches = 0
        self._threads = 1  # of all workers

    @property
    def ahead(self) -> int:
        return _BATCHES_AHEAD * _BATCH_ITEMS * self._threads

    @contextmanager
    def working(self) -> Iterator["DaskCrew"]:
        """Watch over the workers until the end of the block."""
        watch = threading.Thread(target=self._watch, name="migration-cluster", daemon=True)
        watch.start()
        try:
            yield self
        finally:
            self._ended.set()
            watch.join(_ANSWER_S)
            if self._sent and self._client.status == "running":
                self._client.cancel([sent for sent, _ in self._sent.values()])

    def submit(self, items: Sequence[Item]) -> Iterable[Pair]:
        pairs: list[Pair] = [(item, Future()) for item in items]
        for batch in _batches(pairs):
            self._send(batch)
        return pairs

    def _send(self, batch: Sequence[Pair]) -> None:
        self._batches += 1
        name = f"study-buddy-{self._work.run}-{self._batches}"
        items = tuple(item for item, _ in batch)
        sent = self._client.submit(copy_batch, self._work, name, items, key=name, pure=False)
        self._sent[name] = sent, batch
        sent.add_done_callback(partial(self._settle, name))

    def _settle(self, name: str, sent: Any) -> None:
        """Give each item of a batch its outcome; called by a thread of Dask's."""
        _, batch = self._sent.pop(name)
        ended = self._ended_items(sent, len(batch))
        for (_, future), error in zip(batch, ended, strict=True):
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)
        if sent.status == "finished":
            Event(name, client=self._client).clear()

    def _ended_items(self, sent: Any, count: int) -> Sequence[BaseException | None]:
        if sent.status == "finished":
            copied: Copied = sent.result()
            for storage, counts in ((self._source, copied.of_source), (self._target, copied.of_target)):
                if isinstance(storage.driver, CountsRequests):
                    storage.driver.counter.add(counts)
            return copied.ended
        error = sent.exception() if sent.status == "error" else ClusterError("The Dask scheduler has gone")
        if isinstance(error, KilledWorker):
            error = WorkerLostError("The workers that copied it died")
        return [error] * count

    def _watch(self) -> None:
        while not self._ended.is_set():
            # What a client without a scheduler raises; the futures tell that it has gone.
            with suppress(OSError, RuntimeError, AttributeError):
                self._threads = max(sum(self._client.nthreads().values()), 1)
                if self._stopping.is_set():
                    self._client.run(stop, self._work.run, on_error="ignore")
            (self._ended if self._stopping.is_set() else self._stopping).wait(_LOOK_EVERY_S)


def _batches(pairs: Sequence[Pair]) -> Iterator[list[Pair]]:
    batch: list[Pair] = []
    size = 0
    for pair in pairs:
        if batch and (len(batch) == _BATCH_ITEMS or size + pair[0].size > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(pair)
        size += pair[0].size
    if batch:
        yield batch


def _expect_workers(client: Client, work: Work) -> None:
    """Raise ConflictError unless there are workers and each can copy from the source to the target."""
    try:
        client.run_on_scheduler(be_there)
    except Exception as error:
        raise _without_us("The Dask scheduler", error) from error
    found: dict[str, object] = client.run(look, work, on_error="return")
    if not found:
        raise ClusterError("The Dask scheduler has no workers", fix="Start some: dask worker ADDRESS.")
    for worker, problem in found.items():
        if isinstance(problem, Exception):
            raise _without_us(f"The worker {worker}", problem)
        if problem:
            raise ConflictError(f"The worker {worker} cannot copy: {problem}", fix="Put it right there, or stop it.")


def _without_us(who: str, error: Exception) -> ConflictError:
    return ConflictError(
        f"{who} cannot run Study Buddy: {type(error).__name__}",
        fix="Start it with PYTHONPATH set to a folder with this version of Study Buddy, and with its packages.",
    )
