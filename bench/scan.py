"""Time scans: a million rows and listed objects, and real files beside rclone: `python bench/scan.py [--rows N]`."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import cast

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.add import make_tree
from bench.catalog_rows import Maker
from studybuddy.adding.spool import Spool
from studybuddy.catalog.connection import Catalog
from studybuddy.claims import Claim
from studybuddy.drivers.driver import Driver, ObjectInfo
from studybuddy.errors import ObjectNotFoundError
from studybuddy.scan.scans import Scans
from studybuddy.settings.places import LocalSettings
from studybuddy.storage import Storage
from studybuddy.storages import Storages
from studybuddy.units import KIB, MIB

_ROOT = Path(__file__).parent.parent
_MEMORY_BYTES = 200 * MIB
_OLD = datetime(2026, 1, 1, tzinfo=UTC)
_CASES = ("all as it should be", "1 of 1,000 missing, as many unknown", "nothing there at all")


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took."""

    name: str
    objects: int
    seconds: float
    peak_bytes: int = 0  # 0: not measured
    found: int = 0

    @property
    def holds(self) -> bool:
        """Whether its memory is within the bound."""
        return self.peak_bytes < _MEMORY_BYTES


class Listed:
    """A storage that has just been listed: key and size of each object come from a file, some of them left out."""

    def __init__(self, listing: Path, case: str) -> None:
        self._listing = listing
        self._case = case

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        if prefix != "study-sessions/" or self._case == _CASES[2]:
            return
        with self._listing.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                key, size = line.split("\t")
                if self._case == _CASES[1] and number % 1000 == 7:
                    # In its place, one that nobody knows.
                    key = key[:-4] + "z" + key[-4:]
                yield ObjectInfo(key, int(size), _OLD)

    def stat(self, key: str) -> ObjectInfo:
        if key[-5] == "z":
            return ObjectInfo(key, 1, _OLD)
        raise ObjectNotFoundError("nothing there", key=key)


def make_library(folder: Path, files: int) -> None:
    """Make a catalog whose files are all in one storage, and the listing of that storage."""
    catalog = Catalog(folder / "catalog.db")
    catalog.prepare()
    begun = time.perf_counter()
    Maker(files=files, sessions=max(files // 10, 1000)).fill(catalog)
    with catalog.write() as db:
        db.execute("UPDATE copies SET storage_id = 1")
    with catalog.read() as db, (folder / "listing").open("w", encoding="utf-8") as listing:
        rows = db.execute("SELECT key, size FROM copies JOIN files ON files.id = copies.file_id ORDER BY key")
        listing.writelines(f"{key}\t{size}\n" for key, size in rows)
    catalog.close()
    print(f"{files:,} rows made in {time.perf_counter() - begun:.0f} s", flush=True)


def scan_made(folder: Path, case: str) -> Run:
    """Scan the made library in this process."""
    catalog = Catalog(folder / "catalog.db")
    catalog.prepare()
    driver = cast(Driver, Listed(folder / "listing", case))
    storage = Storage(1, "made", "local:made", driver, "made", LocalSettings(folder))
    storages = Storages({1: storage}, {}, target=storage, local=storage, default=storage)
    claim = Claim(folder / "claims")
    scans = Scans(catalog, lambda: storages, Spool(folder / "spool", writer=claim.id), claim)
    begun = time.perf_counter()
    result = scans.run(storage)
    seconds = time.perf_counter() - begun
    assert result.scan.state == "done", result.scan.error
    found = sum(count.findings for count in result.counts)
    objects = max(result.scan.objects, result.scan.copies)
    return Run(case, objects, seconds, _peak_bytes(), found)


def _peak_bytes() -> int:
    # Not `getrusage`: it counts what the parent had in memory when it began this process.
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * KIB


def scan_in_child(folder: Path, case: str) -> Run:
    """Scan the made library in a process of its own, so that its memory is its own."""
    command = [sys.executable, __file__, "--child", case, "--folder", str(folder)]
    return Run(**json.loads(subprocess.run(command, check=True, capture_output=True).stdout))


def real_files(folder: Path, files: int) -> Iterator[Run]:
    """Scan real small files, and let others do as much with them."""
    make_tree(folder / "tree", files)
    environ = os.environ | {
        "PYTHONPATH": str(_ROOT), "UPLOADS_DIR": str(folder / "uploads"), "STUDY_BUDDY_DATA": str(folder / "data"),
    }  # fmt: skip
    ours = [sys.executable, "-m", "studybuddy"]
    _run([*ours, "add", str(folder / "tree"), "--session", "All", "--json"], environ)
    objects = folder / "uploads/study-sessions"
    shutil.copytree(objects, folder / "copy", copy_function=os.link)
    sums = folder / "sums"
    listed = [str(path.relative_to(objects)) for path in objects.rglob("*") if path.is_file()]
    names = "\0".join(listed).encode()
    told = subprocess.run(["xargs", "-0", "sha256sum"], cwd=objects, input=names, capture_output=True, check=True)
    sums.write_bytes(told.stdout)
    commands = {
        "studybuddy scan --sizes": [*ours, "scan", "local", "--sizes", "--json"],
        "rclone check --size-only": ["rclone", "check", "--size-only", str(objects), str(folder / "copy")],
        "studybuddy scan --deep": [*ours, "scan", "local", "--deep", "--json"],
        "sha256sum --check": ["sha256sum", "--check", "--quiet", str(sums)],
        "rclone checksum sha256": ["rclone", "checksum", "sha256", str(sums), str(objects)],
    }
    for name, command in commands.items():
        if shutil.which(command[0]):
            yield _timed(name, partial(_run, command, environ, cwd=objects), len(listed))


def _timed(name: str, work: Callable[[], object], objects: int) -> Run:
    begun = time.perf_counter()
    work()
    return Run(name, objects, time.perf_counter() - begun)


def _run(command: Sequence[str], environ: dict[str, str], *, cwd: Path | None = None) -> None:
    subprocess.run(command, env=environ, cwd=cwd, capture_output=True, check=True)


def table(runs: Sequence[Run]) -> str:
    """Return the runs as a table for people."""
    width = max(len(run.name) for run in runs)
    lines = [f"{'':{width}}    objects  seconds  objects/s  peak MiB    found"]
    for run in runs:
        peak = f"{run.peak_bytes / MIB:.0f}" if run.peak_bytes else ""
        numbers = f"{run.objects:11,}{run.seconds:9.1f}{run.objects / run.seconds:11,.0f}{peak:>10}{run.found:9,}"
        lines.append(f"{run.name:{width}}{numbers}{'' if run.holds else '  TOO MUCH MEMORY'}")
    return "\n".join(lines)


def main() -> int:
    """Run the benchmark; return 1 when a scan takes too much memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--real", type=int, default=20_000, help="real files of 1 to 64 KiB")
    parser.add_argument("--folder", type=Path, help="where to work: best a RAM disk")
    parser.add_argument("--child", choices=_CASES, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        print(json.dumps(asdict(scan_made(asked.folder, asked.child))))
        return 0
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        folder = Path(name)
        make_library(folder, asked.rows)
        runs = [scan_in_child(folder, case) for case in _CASES]
        runs += real_files(folder / "real", asked.real)
    print(table(runs))
    return 0 if all(run.holds for run in runs) else 1


if __name__ == "__main__":
    sys.exit(main())
