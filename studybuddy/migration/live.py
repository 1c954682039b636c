"""What a run is doing, for other threads to look at."""

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Current:
    """A file that is being copied right now."""

    name: str
    size: int
    done: int  # bytes


@dataclass(slots=True)
class Live:
    """What a run has done so far and is doing, for other threads to look at."""

    began: float = field(default_factory=time.monotonic)
    files: int = 0
    bytes: int = 0
    current: dict[int, Current] = field(default_factory=dict)  # by position; see `copying`
    held: dict[int, int] = field(default_factory=dict)  # by position: bytes that were at the target before this run

    def copying(self) -> list[Current]:
        """Return what is being copied right now; safe while other threads begin and end."""
        return list(self.current.values())
