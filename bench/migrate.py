"""Time migrations beside s5cmd, rclone and the AWS CLI, from the PATH: `python bench/migrate.py --endpoint URL ...`.

The server must not be what bounds them. `--server COMMAND` starts two of a kind, `{address}` in it is host:port.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.migrate_servers import servers
from bench.migrate_table import WAYS, line
from bench.migrate_tools import (
    BUCKET,
    ENVIRON,
    LIBRARY,
    PEERS,
    TOOLS,
    Move,
    Took,
    peak_bytes,
    run_bare,
    settings_of,
    store,
)
from studybuddy.units import KIB, MIB

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Workload:
    """So many files of one size."""

    files: int
    size: int


WORKLOADS = {"W1": Workload(2000, 64 * KIB), "W2": Workload(200, 5 * MIB), "W3": Workload(4, 512 * MIB)}


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


def arguments() -> argparse.ArgumentParser:
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
    return parser


def main() -> int:
    """Run the benchmark; return 1 when a goal is missed."""
    parser = arguments()
    asked = parser.parse_args()
    if asked.child or asked.bare:
        print(json.dumps(asdict(migrate(*asked.child) if asked.child else run_bare(*asked.bare))))
        return 0
    if unknown := set(asked.tools.split(",")) - set(TOOLS):
        parser.error(f"--tools: there is no {', '.join(sorted(unknown))}; there are {', '.join(TOOLS)}")
    if not (asked.server or asked.endpoint):
        parser.error("--endpoint or --server")
    compare(asked)
    return 0


def compare(asked: argparse.Namespace) -> None:
    """Measure all that was asked for, and print the table."""
    tools = [tool for tool in asked.tools.split(",") if tool not in PEERS or shutil.which(tool)]
    with ExitStack() as stack:
        endpoints = [asked.endpoint, asked.second or asked.endpoint]
        if asked.server:
            endpoints = stack.enter_context(servers(asked.server))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=asked.folder)))
        print(f"median of {asked.runs}: seconds, seconds of CPU, peak MiB; load {os.getloadavg()[0]:.1f}")
        print(f"{'':27} " + "  ".join(f"{tool:>18}" for tool in tools))
        measure(Bench(folder, endpoints), asked.workloads.split(","), asked.ways.split(","), tools, asked.runs)
        print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    sys.exit(main())
