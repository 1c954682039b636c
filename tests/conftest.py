"""What all tests share: servers of storages, each a process of its own for the whole run."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.servers import ceph, rclone, strict_s3, supabase
from tests.servers.place import Server

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # a shell's background: commands would not hear Ctrl-C either
    signal.signal(signal.SIGINT, signal.default_int_handler)
hypothesis.settings.load_profile("ci")  # the same examples at each run, and no deadline that a busy computer misses


@pytest.fixture(scope="session")
def strict_s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """moto behind a middleware that is as strict as AWS."""
    with strict_s3.strict_s3_server(tmp_path_factory.mktemp("strict-s3")) as url:
        yield Server(url, strict_s3.ACCESS_KEY, strict_s3.SECRET_KEY)


@pytest.fixture(scope="session")
def rclone_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`rclone serve s3`."""
    with rclone.rclone_server(tmp_path_factory.mktemp("rclone")) as url:
        yield Server(url, rclone.ACCESS_KEY, rclone.SECRET_KEY)


@pytest.fixture(scope="session")
def ceph_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Ceph's gateway, where it is installed."""
    if not ceph.is_installed():
        pytest.skip("Ceph is not installed: ceph-mon, ceph-mgr, ceph-osd, radosgw of Debian's packages")
    with ceph.ceph_server(tmp_path_factory.mktemp("ceph")) as url:
        yield Server(url, ceph.ACCESS_KEY, ceph.SECRET_KEY)


@pytest.fixture(scope="session")
def _supabase_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[supabase.Supabase]:
    with supabase.supabase_server(tmp_path_factory.mktemp("supabase")) as server:
        yield server


@pytest.fixture
def supabase_server(_supabase_process: supabase.Supabase) -> Iterator[supabase.Supabase]:
    """A Supabase Storage server whose traps are off."""
    yield _supabase_process
    _supabase_process.traps()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(folder)]
    if os.name == "nt" or os.geteuid() != 0 or subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
