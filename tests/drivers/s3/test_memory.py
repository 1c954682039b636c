"""What a transfer holds in memory, measured in a process of its own."""

import subprocess
import sys

import pytest

from studybuddy.units import GIB, MIB
from tests.servers.place import Server

ONE_LIMIT = 100 * MIB
FIVE_LIMIT = 150 * MIB


def growth(server: Server, *, size: int, count: int) -> int:
    """Return how many bytes a process grew by that writes and reads `count` objects at once."""
    arguments = [server.url, server.access_key, server.secret_key, server.new_bucket(), str(size), str(count)]
    command = [sys.executable, "-m", "tests.drivers.s3.transfer", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[0])


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.parametrize(("count", "limit"), [(1, ONE_LIMIT), (5, FIVE_LIMIT)])
def test_a_transfer_stays_within_its_memory(rclone_server: Server, count: int, limit: int) -> None:
    assert growth(rclone_server, size=200 * MIB // count, count=count) < limit


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.parametrize(("size", "count", "limit"), [(8 * GIB, 1, ONE_LIMIT), (GIB, 5, FIVE_LIMIT)])
def test_a_huge_transfer_stays_within_its_memory(rclone_server: Server, size: int, count: int, limit: int) -> None:
    assert growth(rclone_server, size=size, count=count) < limit
