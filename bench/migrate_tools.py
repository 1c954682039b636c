"""What `bench/migrate.py` compares: Study Buddy, other programs, and a bare copy by obstore as the limit."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studybuddy.units import KIB, MIB

if TYPE_CHECKING:
    from obstore.store import S3Store

_ROOT = Path(__file__).parent.parent
BUCKET = "bench"
LIBRARY = "library"  # the folder in the bucket where the files are before they move down or across
_KEYS = {"AWS_ACCESS_KEY_ID": "benchbenchbench", "AWS_SECRET_ACCESS_KEY": "bench-secret-of-some-length"}
ENVIRON = {**_KEYS, **os.environ, "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}


@dataclass(frozen=True, slots=True)
class Took:
    """What one run took."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Move:
    """One way for a library to go: each end is a folder, or an address and a folder in its bucket."""

    library: Path  # holds `uploads` and the catalogs
    work: Path  # empty, for whatever a run needs
    source: str  # "local" or "s3": where the files are
    target_endpoint: str | None  # None: a folder in `work`
    target: str  # the folder, new for each run
    source_endpoint: str

    @property
    def from_folder(self) -> Path | None:
        return self.library / "uploads/study-sessions" if self.source == "local" else None

    @property
    def to_folder(self) -> Path | None:
        return self.work / self.target if self.target_endpoint is None else None


Tool = Callable[[Move], Took]


def s5cmd(move: Move) -> Took:
    """It knows one address at a time: to another server the files go by way of a folder."""
    source = f"{move.from_folder}/" if move.from_folder else f"s3://{BUCKET}/{LIBRARY}/*"
    target = f"{move.to_folder}/" if move.to_folder else f"s3://{BUCKET}/{move.target}/"
    return _in_one_or_two(
        move, lambda url, one, other: ["s5cmd", "--endpoint-url", url, "cp", one, other], source, target
    )


def aws(move: Move) -> Took:
    """As s5cmd."""
    source = str(move.from_folder or f"s3://{BUCKET}/{LIBRARY}/")
    target = str(move.to_folder or f"s3://{BUCKET}/{move.target}/")
    command = ["aws", "s3", "cp", "--recursive", "--only-show-errors", "--endpoint-url"]
    return _in_one_or_two(move, lambda url, one, other: [*command, url, one, other], source, target)


def rclone(move: Move) -> Took:
    """With four times as many transfers as it would take by itself: it is faster then."""
    environ = dict(ENVIRON)
    for name, url in (("ONE", move.source_endpoint), ("TWO", move.target_endpoint)):
        given = {"TYPE": "s3", "PROVIDER": "Other", "ENV_AUTH": "true", "ENDPOINT": url or "", "REGION": "us-east-1"}
        environ |= {f"RCLONE_CONFIG_{name}_{key}": value for key, value in given.items()}
    source = str(move.from_folder or f"one:{BUCKET}/{LIBRARY}")
    # Within one server it must see one remote, or it would not let the server copy.
    remote = "one" if move.target_endpoint == move.source_endpoint else "two"
    target = str(move.to_folder or f"{remote}:{BUCKET}/{move.target}")
    return _timed(["rclone", "copy", "--transfers", "16", "--checkers", "16", source, target], environ)


def study_buddy(move: Move) -> Took:
    """A planned migration, from the click on."""
    data = move.work / "data"
    shutil.copytree(move.library / f"data-{move.source}", data)
    _write_settings(move)
    told = _child(
        "--child", move.source, "target", cwd=move.work, environ=settings_of(move.library, data, move.source_endpoint)
    )
    return Took(**json.loads(told))


def bare(move: Move) -> Took:
    """obstore alone, in threads: no hash of ours, no journal, nothing read back."""
    ends = (
        str(move.from_folder or ""),
        move.source_endpoint,
        str(move.to_folder or move.target),
        move.target_endpoint or "",
    )
    return Took(**json.loads(_child("--bare", *ends, cwd=move.work, environ=ENVIRON)))


TOOLS: dict[str, Tool] = {
    "study buddy": study_buddy,
    "s5cmd": s5cmd,
    "rclone": rclone,
    "aws": aws,
    "bare obstore": bare,
}
PEERS = ("s5cmd", "rclone", "aws")


def settings_of(library: Path, data: Path, endpoint: str) -> dict[str, str]:
    """Return the settings of Study Buddy in a process of its own."""
    return ENVIRON | {
        "STORAGE": "LOCAL", "UPLOADS_DIR": str(library / "uploads"), "STUDY_BUDDY_DATA": str(data),
        "STUDY_BUDDY_BUCKET_NAME": BUCKET, "S3_ENDPOINT_URL": endpoint, "S3_PREFIX": LIBRARY, "PYTHONPATH": str(_ROOT),
    }  # fmt: skip


def _write_settings(move: Move) -> None:
    if move.to_folder:
        move.to_folder.mkdir()
        text = f'[target]\nkind = "local"\nfolder = "{move.to_folder}"\n'
    else:
        text = f'[target]\nbucket = "{BUCKET}"\nendpoint_url = "{move.target_endpoint}"\nprefix = "{move.target}"\n'
        text += 'access_key_id_env = "AWS_ACCESS_KEY_ID"\nsecret_access_key_env = "AWS_SECRET_ACCESS_KEY"\n'
    (move.work / "storages.toml").write_text(text, "utf-8")


def run_bare(source_folder: str, source_endpoint: str, target: str, target_endpoint: str) -> Took:
    """Copy by obstore in this process."""
    import obstore  # noqa: PLC0415

    there = None if source_folder else store(source_endpoint, LIBRARY)
    here = store(target_endpoint, target) if target_endpoint else None

    def copy(key: str) -> None:
        content = (Path(source_folder) / key).read_bytes() if there is None else obstore.get(there, key).bytes()
        if here is not None:
            obstore.put(here, key, content)
            return
        path = Path(target) / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    if there is None:
        keys = [str(path.relative_to(source_folder)) for path in Path(source_folder).rglob("*") if path.is_file()]
    else:
        keys = [found["path"] for page in obstore.list(there) for found in page]
    begun, cpu = time.perf_counter(), sum(os.times()[:2])
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(copy, keys))
    return Took(time.perf_counter() - begun, sum(os.times()[:2]) - cpu, peak_bytes())


def store(endpoint: str, folder: str) -> "S3Store":
    """Return obstore's client for a folder of the bucket."""
    from obstore.store import S3Store  # noqa: PLC0415

    return S3Store(
        BUCKET, prefix=folder, endpoint=endpoint, region="us-east-1", client_options={"allow_http": True},
        access_key_id=ENVIRON["AWS_ACCESS_KEY_ID"], secret_access_key=ENVIRON["AWS_SECRET_ACCESS_KEY"],
    )  # fmt: skip


def peak_bytes() -> int:
    """Return the most memory that this process has had."""
    # Not `getrusage`: it counts what the parent had in memory when it began this process.
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * KIB


def _in_one_or_two(move: Move, command: Callable[[str, str, str], Sequence[str]], source: str, target: str) -> Took:
    two_servers = move.source == "s3" and move.target_endpoint not in {None, move.source_endpoint}
    if not two_servers:
        url = move.target_endpoint or move.source_endpoint
        return _timed(command(url, source, target), ENVIRON)
    between = f"{move.work}/between/"
    down = _timed(command(move.source_endpoint, source, between), ENVIRON)
    up = _timed(command(move.target_endpoint or "", between, target), ENVIRON)
    return Took(down.seconds + up.seconds, down.cpu_seconds + up.cpu_seconds, max(down.peak_bytes, up.peak_bytes))


def _timed(command: Sequence[str], environ: dict[str, str]) -> Took:
    begun = time.perf_counter()
    with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {said.decode()[-1000:]}")
    return Took(time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * KIB)


def _child(*arguments: str, cwd: Path, environ: dict[str, str]) -> bytes:
    command = [sys.executable, str(_ROOT / "bench/migrate.py"), *arguments]
    done = subprocess.run(command, cwd=cwd, env=environ, check=False, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.decode()[-3000:]}")
    return done.stdout


def memory_text(size: int) -> str:
    return f"{size / MIB:,.0f}"
