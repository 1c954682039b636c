"""A process's claim to what it is writing: a locked file that the operating system lets go when the process dies."""

import os
import threading
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

_LOOK_S = 10.0  # others look at a new claim for a moment, to see whether it is held


class Claim:
    """The claim of this process, held in `folder` until `release` or the process's end."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.id = uuid4().hex
        self._lock = FileLock(self._file(self.id), timeout=_LOOK_S, thread_local=False)
        self._lock.acquire()

    def release(self) -> None:
        """Let go; what this process was still writing is then recovered by the next."""
        self._lock.release(force=True)
        self._file(self.id).unlink(missing_ok=True)

    def alive(self, claim_id: str) -> bool:
        """Tell whether the process with this claim still runs; a dead one's file is removed."""
        if claim_id == self.id:
            return True
        path = self._file(claim_id)
        if not path.exists():
            return False
        lock = FileLock(path, timeout=0, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            return True
        if os.name != "nt":  # there nobody can remove an open file, and the lock removes its own
            path.unlink(missing_ok=True)  # while it is held: who waits for it makes it anew
        lock.release()
        return False

    def is_alone(self) -> bool:
        """Tell whether no other process that runs holds a claim here."""
        return not any(path.stem != self.id and self.alive(path.stem) for path in self._folder.glob("*.lock"))

    def sweep(self) -> None:
        """Remove the files of claims whose processes are dead."""
        for path in self._folder.glob("*.lock"):
            self.alive(path.stem)

    def _file(self, claim_id: str) -> Path:
        return self._folder / f"{claim_id}.lock"


class Activity:
    """The pieces of work of this process that are under way: each is one `with` block, in any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0

    @property
    def going_on(self) -> bool:
        """Whether any is."""
        return self._count > 0

    def __enter__(self) -> None:
        with self._lock:
            self._count += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._count -= 1
