"""What runs on a machine of a cluster: batches of items are copied and verified. Nothing here knows the catalog."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from distributed import Event, get_worker

from studybuddy.catalog.migrations import Item
from studybuddy.drivers.counters import Count
from studybuddy.drivers.driver import CountsRequests
from studybuddy.errors import StudyBuddyError, WorkerLostError
from studybuddy.migration.copying import Stopped, copy_item
from studybuddy.migration.pace import workers_for
from studybuddy.opening import Address, open_address
from studybuddy.storage import Storage

Ended = StudyBuddyError | Stopped | None  # what became of an item; None: it was copied

_stopped: set[str] = set()  # the runs that are to pause


@dataclass(frozen=True, slots=True)
class Work:
    """What a run's batches have in common."""

    run: str
    source: Address
    target: Address
    writer: str  # the claim by which temporary files tell that their process lives


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of each item of a batch, and what the two storages were asked for it."""

    ended: list[Ended]
    of_source: list[Count]
    of_target: list[Count]


def copy_batch(work: Work, name: str, items: tuple[Item, ...]) -> Copied:
    """Copy items that nobody has begun to copy yet; say of each what became of it.

    Begun by a worker that died, they are not begun again: a key is written by one process only.
    """
    begun = Event(name)
    if begun.is_set():
        return Copied([WorkerLostError("The worker that copied it died") for _ in items], [], [])
    begun.set()
    source, target, threads = _opened(work)
    passing = _passing(work.run)

    def copied(item: Item) -> Ended:
        try:
            passing(0)
            copy_item(source, target, item, passing)
        except (StudyBuddyError, Stopped) as error:
            return error
        return None

    with ThreadPoolExecutor(threads, thread_name_prefix="migration") as pool:
        ended = list(pool.map(copied, items))
    return Copied(ended, _counts(source), _counts(target))


def _counts(storage: Storage) -> list[Count]:
    """Return what was counted since the last batch, maybe also of batches that go on beside this one."""
    return storage.driver.counter.take() if isinstance(storage.driver, CountsRequests) else []


def be_there() -> None:
    """Do nothing: that this module can be loaded is the answer."""


def look(work: Work) -> str:
    """Open the two storages; say why this machine cannot copy between them."""
    try:
        _opened(work)
    except StudyBuddyError as error:
        return f"{error}. {error.fix}"
    return ""


def stop(run: str) -> None:
    """Let what this worker copies of a run go, and begin nothing more."""
    _stopped.add(run)


@cache  # the connections to a storage serve all batches
def _opened(work: Work) -> tuple[Storage, Storage, int]:
    source, target = (open_address(address, writer=work.writer) for address in (work.source, work.target))
    return source, target, workers_for(source, target)


def _passing(run: str) -> Callable[[int], None]:
    """Return what ends a copy when its run is to pause, or when whoever wanted it has gone."""
    worker = get_worker()
    task = worker.get_current_task()

    def passing(_: int) -> None:
        found = worker.state.tasks.get(task)
        if run in _stopped or found is None or found.state == "cancelled":
            raise Stopped

    return passing
