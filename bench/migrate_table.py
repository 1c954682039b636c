"""The table of `bench/migrate.py`: what each program took, and how Study Buddy stands beside them."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from bench.migrate_tools import PEERS, Took, memory_text
from studybuddy.units import MIB

_MEMORY_BYTES = 250 * MIB
_GOALS = {"up": 1.5, "across": 1.5, "within": 1.0}  # times as fast as s5cmd
WAYS = {
    "up": "this computer -> S3", "down": "S3 -> this computer", "across": "S3 -> another server",
    "within": "S3 -> the same server",
}  # fmt: skip


def middle(took: Sequence[Took]) -> Took:
    """Return the medians."""
    return Took(
        median(one.seconds for one in took),
        median(one.cpu_seconds for one in took),
        max(one.peak_bytes for one in took),
    )


def line(way: str, name: str, took: Mapping[str, Sequence[Took]], tools: Sequence[str]) -> str:
    """Return one line of the table: seconds, CPU seconds and MiB of each; how we stand beside the others."""
    medians = {tool: middle(took[tool]) for tool in tools}
    cells = [f"{one.seconds:6.2f} {one.cpu_seconds:5.1f} {memory_text(one.peak_bytes):>5}" for one in medians.values()]
    return f"{WAYS[way]:22} {name}  " + "  ".join(cells) + "  " + ", ".join(_verdicts(way, name, medians))


def _verdicts(way: str, name: str, medians: Mapping[str, Took]) -> Iterator[str]:
    if "study buddy" not in medians:
        return
    ours = medians["study buddy"]
    peers = {tool: took.seconds / ours.seconds for tool, took in medians.items() if tool in PEERS}
    if peers and way in ("up", "down", "across"):
        goal = 0.8 if (way, name) == ("down", "W3") else 1.0
        fastest = min(peers, key=lambda tool: peers[tool])
        yield f"{peers[fastest]:.2f} x {fastest}{'' if peers[fastest] >= goal else ' MISSED'}"
    if "s5cmd" in peers and way in _GOALS:
        yield f"{peers['s5cmd']:.2f} x s5cmd{'' if peers['s5cmd'] >= _GOALS[way] else ' MISSED'}"
    if ours.peak_bytes > _MEMORY_BYTES:
        yield "TOO MUCH MEMORY"
