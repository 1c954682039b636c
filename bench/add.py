"""Time adding many small files beside `cp -r` and `sha256sum` of the same tree: `python bench/add.py [--files N]`."""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent))

from studybuddy.units import KIB, size_text
from tests import samples

_ROOT = Path(__file__).parent.parent
_GOAL = 0.5  # of the speed of cp and sha256sum
_FILES_IN_FOLDER = 100
_PEER = "cp -r + sha256sum"
_DURABLE_PEER = "... + sync of each"  # what add does: a file that is told to be saved survives a power cut
_OURS = "studybuddy add"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where to work (the disk that is measured)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as work:
        tree = Path(work) / "tree"
        size = make_tree(tree, asked.files)
        print(f"{asked.files:,} files, {size_text(size)}; {asked.rounds} rounds, in turn")
        took: dict[str, list[float]] = {_PEER: [], _DURABLE_PEER: [], _OURS: []}
        for number in range(asked.rounds):
            took[_PEER].append(timed(partial(copy_and_hash, tree, Path(work) / f"copy-{number}")))
            took[_DURABLE_PEER].append(timed(partial(copy_durably, tree, Path(work) / f"durable-{number}")))
            took[_OURS].append(timed(partial(add, tree, Path(work) / f"library-{number}", asked.files)))
    return report(took, asked.files, size)


def make_tree(tree: Path, count: int, seed: int = 1) -> int:
    """Write files of every kind, 1 to 64 KiB each, 100 to a folder; return their size together."""
    chance = random.Random(seed)
    total = 0
    for number in range(count):
        folder = tree / f"week {number // _FILES_IN_FOLDER + 1:02d}"
        folder.mkdir(parents=True, exist_ok=True)
        extension, content = _content(chance, chance.randint(KIB, 64 * KIB))
        (folder / f"file {number:05d}.{extension}").write_bytes(content)
        total += len(content)
    return total


def _content(chance: random.Random, size: int) -> tuple[str, bytes]:
    text = chance.randbytes(size // 2).hex()
    noise = chance.randbytes(size)
    makers: Mapping[str, Callable[[], bytes]] = {
        "pdf": lambda: samples.pdf("Photosynthesis") + b"\n%" + text.encode(),
        "docx": lambda: samples.docx(text),
        "pptx": lambda: samples.pptx(text),
        "xlsx": lambda: samples.xlsx(text),
        "md": lambda: b"# Notes\n\n" + text.encode(),
        "txt": text.encode,
        "csv": lambda: b"word,meaning\n" + text.encode(),
        "png": lambda: samples.png(16, 16) + noise,
        "jpg": lambda: samples.jpg() + noise,
        "webp": lambda: samples.webp() + noise,
        "mp3": lambda: samples.mp3(max(2, size // 400)) + noise[:128],
        "m4a": lambda: samples.m4a() + samples.box(b"free", noise),
        "vtt": lambda: b"WEBVTT\n\n00:00.000 --> 00:04.000\n" + text.encode(),
        "zip": lambda: samples.archive({"a.txt": text}),
    }
    weights = (20, 8, 8, 4, 8, 8, 4, 12, 12, 2, 4, 3, 4, 3)
    extension = chance.choices(tuple(makers), weights)[0]
    return extension, makers[extension]()


def timed(work: Callable[[], None]) -> float:
    """Return how many seconds `work` took; what earlier work left unwritten is not counted."""
    os.sync()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def copy_and_hash(tree: Path, target: Path) -> None:
    subprocess.run(["cp", "-r", str(tree), str(target)], check=True)
    command = 'find "$0" -type f -print0 | xargs -0 sha256sum'
    subprocess.run(["sh", "-c", command, str(target)], check=True, stdout=subprocess.DEVNULL)


def copy_durably(tree: Path, target: Path) -> None:
    copy_and_hash(tree, target)
    subprocess.run(["sh", "-c", 'find "$0" -type f -print0 | xargs -0 sync', str(target)], check=True)


def add(tree: Path, library: Path, count: int) -> None:
    """Add by the command line, in a process of its own, to a new library."""
    folders = {"UPLOADS_DIR": str(library / "uploads"), "STUDY_BUDDY_DATA": str(library / "data")}
    done = subprocess.run(
        [sys.executable, "-m", "studybuddy", "add", str(tree), "--session", "Bench", "--json"],
        # With compiled modules kept, as they are for whoever runs a command twice.
        env={**os.environ, **folders, "STORAGE": "LOCAL", "PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": ""},
        cwd=tree.parent,
        check=True,
        stdout=subprocess.PIPE,
    )
    if len(json.loads(done.stdout)["added"]) != count:
        raise RuntimeError("not everything was added")


def report(took: Mapping[str, list[float]], count: int, size: int) -> int:
    """Print the rounds and their medians; return 1 when the goal is missed."""
    middle = {name: median(rounds) for name, rounds in took.items()}
    for name, rounds in took.items():
        each = "  ".join(f"{seconds:6.2f}" for seconds in rounds)
        speed = f"{count / middle[name]:,.0f} files/s, {size_text(round(size / middle[name]))}/s"
        print(f"{name:18}  {each}  median {middle[name]:6.2f} s  {speed}")
    ratio = middle[_PEER] / middle[_OURS]
    durable = middle[_DURABLE_PEER] / middle[_OURS]
    print(
        f"add has {ratio:.2f} of the speed of cp and sha256sum (goal: at least {_GOAL}), {durable:.2f} when they sync"
    )
    return 0 if ratio >= _GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
