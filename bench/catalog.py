"""Time each list and filter of the catalog at a million files: `python bench/catalog.py [--files N] [--sessions N]`."""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.catalog_cases import Case, Questions
from bench.catalog_rows import Maker
from studybuddy.catalog import copies, files, lectures, sessions
from studybuddy.catalog.connection import Catalog
from studybuddy.units import size_text

_ADD_MS = 10.0


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the calls of a case took."""

    name: str
    p50_ms: float
    p95_ms: float
    max_ms: float
    bound_ms: float

    @property
    def holds(self) -> bool:
        """Whether 95 of 100 calls are within the bound."""
        return self.p95_ms < self.bound_ms


def _add(catalog: Catalog, session_id: int, number: int) -> None:
    row = files.FileRow(
        session_id, "audio", f"Vorlesung {number} – Übung.m4a", "audio/mp4", 10**6, f"{number:064x}", 60_000, None, None
    )
    with catalog.write() as db:
        sessions.get(db, session_id)
        file_id = files.insert(db, row)
        lecture_id = lectures.insert(db, session_id=session_id, title=row.name, recorded_on=None)
        lectures.update(db, lecture_id, audio_file_id=file_id)
        copy_id = copies.insert(db, file_id=file_id, storage_id=1, key=f"audio/{lecture_id}_{number}.m4a", writer="w")
    with catalog.write() as db:
        copies.settle_all(db, [copy_id])
        files.get(db, file_id)
        lectures.update(db, lecture_id, audio_file_id=file_id)
        sessions.touch(db, session_id)
        files.duplicates(db, file_id)


def run(folder: Path, *, file_count: int, session_count: int, calls: int) -> list[Timing]:
    """Make the catalog in `folder` and time every case; tell how it goes."""
    catalog = Catalog(folder / "catalog.db")
    catalog.prepare()
    begun = time.perf_counter()
    made = Maker(files=file_count, sessions=session_count).fill(catalog)
    seconds = time.perf_counter() - begun
    print(f"{file_count:,} files in {session_count:,} sessions made in {seconds:.0f} s", flush=True)
    questions = Questions(catalog, made)
    timings = [_timed(catalog, case, calls) for case in questions.cases()]
    timings.append(_timed_adding(catalog, session_count, calls))
    catalog.close()
    print(f"the catalog takes {size_text(catalog.path.stat().st_size)}")
    return timings


def _timed(catalog: Catalog, case: Case, calls: int) -> Timing:
    taken: list[float] = []
    for _ in range(calls):
        with _clock(taken), catalog.read() as db:
            case.ask(db)
    return _timing(case.name, taken, case.bound_ms)


def _timed_adding(catalog: Catalog, session_count: int, calls: int) -> Timing:
    pick = random.Random(3)
    taken: list[float] = []
    for number in range(calls):
        with _clock(taken):
            _add(catalog, pick.randint(1, session_count), number)
    return _timing("adding one file's rows", taken, _ADD_MS)


@contextmanager
def _clock(taken: list[float]) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    taken.append(1000 * (time.perf_counter() - begun))


def _timing(name: str, taken: Sequence[float], bound_ms: float) -> Timing:
    ordered = sorted(taken)
    return Timing(name, ordered[len(ordered) // 2], ordered[int(0.95 * len(ordered))], ordered[-1], bound_ms)


def table(timings: Sequence[Timing]) -> str:
    """Return the timings as a table for people."""
    width = max(len(timing.name) for timing in timings)
    lines = [f"{'':{width}}  p50 ms  p95 ms  max ms   bound"]
    for timing in timings:
        numbers = f"{timing.p50_ms:8.1f}{timing.p95_ms:8.1f}{timing.max_ms:8.1f}{timing.bound_ms:8.0f}"
        lines.append(f"{timing.name:{width}}{numbers}{'' if timing.holds else '  TOO SLOW'}")
    return "\n".join(lines)


def main() -> int:
    """Run the benchmark; return 1 when a bound does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1_000_000)
    parser.add_argument("--sessions", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=200, help="calls of each case")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="make the catalog in this empty folder and leave it")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        timings = run(folder, file_count=asked.files, session_count=asked.sessions, calls=asked.calls)
    print(table(timings))
    return 0 if all(timing.holds for timing in timings) else 1


if __name__ == "__main__":
    sys.exit(main())
