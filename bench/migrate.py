"""Time migrations beside s5cmd, rclone and the AWS CLI, from the PATH: `python bench/migrate.py --endpoint URL ...`.

The server must not be what bounds them. `--server COMMAND` starts two of a kind, `{address}` in it is host:port.
"""

import argparse
import json
import os
import random
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.migrate_tools import (
    BUCKET,
    ENVIRON,
    LIBRARY,
    PEERS,
    TOOLS,
    Move,
    Took,
    memory_text,
    peak_bytes,
    run_bare,
    settings_of,
    store,
)
from studybuddy.units import KIB, MIB

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ROOT = Path(__file__).parent.parent
_MEMORY_BYTES = 250 * MIB
_GOALS = {"up": 1.5, "across": 1.5, "within": 1.0}  # times as fast as s5cmd


@dataclass(frozen=True, slots=True)
class Workload:
    """So many files of one size."""

    files: int
    size: int


WORKLOADS = {"W1": Workload(2000, 64 * KIB), "W2": Workload(200, 5 * MIB), "W3": Workload(4, 512 * MIB)}
WAYS = {
    "up": "this computer -> S3", "down": "S3 -> this computer", "across": "S3 -> another server",
    "within": "S3 -> the same server",
}  # fmt: skip


class Bench:
    """Libraries on a RAM disk and two servers; each run has a new target."""

    def __init__(self, folder: Path, endpoints: Sequence[str]) -> None:
        self._folder = folder
        self._one, self._two = endpoints
        self._runs = 0
        for endpoint in endpoints:
            self._make_bucket(endpoint)

    def library(self, name: str) -> Path:
        """Make a library that is on this computer, with a second catalog for the same files in S3."""
        library = self._folder / name
        tree = library / "tree"
        make_files(tree, WORKLOADS[name])
        data = library / "data-local"
        environ = settings_of(library, data, self._one)
        run_ours(["add", str(tree), "--session", "Bench", "--json"], environ, library)
        shutil.rmtree(tree)
        shutil.copytree(data, library / "data-s3")
        environ |= {"STUDY_BUDDY_DATA": str(library / "data-s3")}
        child("--child", "local", "s3", environ=environ, folder=library)
        return library

    def take(self, tool: str, library: Path, way: str) -> Took:
        """Let a tool move a library; raise RuntimeError when not everything has arrived."""
        self._runs += 1
        target = {"up": self._one, "down": None, "across": self._two, "within": self._one}[way]
        source = "local" if way == "up" else "s3"
        with tempfile.TemporaryDirectory(dir=self._folder) as work:
            move = Move(library, Path(work), source, target, f"run-{self._runs}", self._one)
            try:
                took = TOOLS[tool](move)
                expect_all(move, WORKLOADS[library.name])
            finally:
                self._empty(target, move.target)
        return took

    def forget(self, library: Path) -> None:
        """Remove a library from everywhere."""
        self._empty(self._one, LIBRARY)
        shutil.rmtree(library)

    @staticmethod
    def _empty(endpoint: str | None, folder: str) -> None:
        if endpoint is None:
            return
        client = client_of(endpoint)
        while found := client.list_objects_v2(Bucket=BUCKET, Prefix=f"{folder}/").get("Contents"):
            client.delete_objects(
                Bucket=BUCKET, Delete={"Objects": [{"Key": one["Key"]} for one in found], "Quiet": True}
            )

    @staticmethod
    def _make_bucket(endpoint: str) -> None:
        client = client_of(endpoint)
        if BUCKET not in {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}:
            client.create_bucket(Bucket=BUCKET)


def client_of(endpoint: str) -> "S3Client":
    """Return boto3's client for a server."""
    import boto3  # noqa: PLC0415

    return boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1",
        aws_access_key_id=ENVIRON["AWS_ACCESS_KEY_ID"], aws_secret_access_key=ENVIRON["AWS_SECRET_ACCESS_KEY"],
    )  # fmt: skip


def make_files(tree: Path, workload: Workload) -> None:
    """Write files of random bytes, so that none is like another."""
    tree.mkdir(parents=True)
    chance = random.Random(1)
    for number in range(workload.files):
        with (tree / f"file {number:05d}.bin").open("wb") as file:
            for _ in range(-(-workload.size // MIB)):
                file.write(chance.randbytes(min(workload.size, MIB)))


def expect_all(move: Move, workload: Workload) -> None:
    """Raise RuntimeError when not every byte is at the target."""
    import obstore  # noqa: PLC0415

    if move.to_folder:
        sizes = [
            path.stat().st_size
            for path in move.to_folder.rglob("*")
            if path.is_file() and ".study-buddy" not in path.parts
        ]
    else:
        there = store(move.target_endpoint or "", move.target)
        sizes = [found["size"] for page in obstore.list(there) for found in page]
    if sizes != [workload.size] * workload.files:
        raise RuntimeError(f"{len(sizes)} files with {sum(sizes)} bytes have arrived")


def run_ours(command: Sequence[str], environ: Mapping[str, str], folder: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "studybuddy", *command], env=environ, cwd=folder, check=True, stdout=subprocess.PIPE
    )


def child(*arguments: str, environ: Mapping[str, str], folder: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, *arguments]
    told: dict[str, Any] = json.loads(
        subprocess.run(command, env=environ, cwd=folder, check=True, stdout=subprocess.PIPE).stdout
    )
    return told


def migrate(source: str, target: str) -> Took:
    """Plan a migration as a page does, which asks both ends whether they are there; then time its run."""
    from studybuddy import status  # noqa: PLC0415
    from studybuddy.catalog.migrations import Scope  # noqa: PLC0415
    from studybuddy.settings import load_settings  # noqa: PLC0415
    from studybuddy.wiring import open_all  # noqa: PLC0415

    wiring = open_all(load_settings())
    plan = wiring.migrations.plan(source, target, Scope())
    for name in (source, target):
        status.ask(wiring.storages().named(name))
    begun, cpu = time.perf_counter(), sum(os.times()[:2])
    done = wiring.migrations.run(plan.migration.id)
    took = Took(time.perf_counter() - begun, sum(os.times()[:2]) - cpu, peak_bytes())
    if done.state != "done" or done.count("switched").files != plan.migration.planned_files:
        raise RuntimeError(f"{done.state}: {done.reason} {dict(done.counts)}")
    wiring.close()
    return took


@contextmanager
def servers(command: str) -> Iterator[list[str]]:
    """Start two servers; stop them at the end."""
    with ExitStack() as stack:
        endpoints = []
        for _ in range(2):
            address = f"127.0.0.1:{free_port()}"
            started = subprocess.Popen(shlex.split(command.format(address=address)), stderr=subprocess.DEVNULL)
            stack.callback(started.wait)
            stack.callback(started.terminate)
            wait_for(address)
            endpoints.append(f"http://{address}")
        yield endpoints


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def wait_for(address: str) -> None:
    host, _, port = address.partition(":")
    for _ in range(100):
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{address} does not answer")


Results = dict[tuple[str, str], dict[str, list[Took]]]  # by way and workload; by tool


def measure(bench: Bench, workloads: Sequence[str], ways: Sequence[str], tools: Sequence[str], runs: int) -> Results:
    """Let all tools take turns."""
    results: Results = {}
    for name in workloads:
        library = bench.library(name)
        for way in ways:
            took: dict[str, list[Took]] = {tool: [] for tool in tools}
            for _ in range(runs):
                for tool in tools:
                    took[tool].append(bench.take(tool, library, way))
            results[way, name] = took
            print(line(way, name, took, tools), flush=True)
        bench.forget(library)
    return results


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


def main() -> int:
    """Run the benchmark; return 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoint", help="an S3 server; keys are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    parser.add_argument("--second", help="another one; the same by default")
    parser.add_argument("--server", help="a command that starts a server at {address}")
    parser.add_argument("--workloads", default=",".join(WORKLOADS))
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--tools", default=",".join(TOOLS))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("/dev/shm"), help="where to work: best a RAM disk")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--bare", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child or asked.bare:
        print(json.dumps(asdict(migrate(*asked.child) if asked.child else run_bare(*asked.bare))))
        return 0
    if unknown := set(asked.tools.split(",")) - set(TOOLS):
        parser.error(f"--tools: there is no {', '.join(sorted(unknown))}; there are {', '.join(TOOLS)}")
    tools = [tool for tool in asked.tools.split(",") if tool not in PEERS or shutil.which(tool)]
    with ExitStack() as stack:
        if asked.server:
            endpoints = stack.enter_context(servers(asked.server))
        elif asked.endpoint:
            endpoints = [asked.endpoint, asked.second or asked.endpoint]
        else:
            parser.error("--endpoint or --server")
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=asked.folder)))
        print(f"median of {asked.runs}: seconds, seconds of CPU, peak MiB; load {os.getloadavg()[0]:.1f}")
        print(f"{'':27} " + "  ".join(f"{tool:>18}" for tool in tools))
        measure(Bench(folder, endpoints), asked.workloads.split(","), asked.ways.split(","), tools, asked.runs)
        print(f"load at the end {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
