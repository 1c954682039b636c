"""Write and read objects in a process of its own, and print how many bytes its memory grew at the most.

`python -m tests.drivers.s3.transfer URL ACCESS_KEY SECRET_KEY BUCKET SIZE COUNT`
"""

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.streams import sha256_of
from studybuddy.units import KIB
from tests.contracts.sources import Endless
from tests.servers.place import Server


def memory_bytes() -> int:
    """Return the memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


class Watch:
    """The most memory that was held while it ran."""

    def __init__(self) -> None:
        self.most = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.01):
            self.most = max(self.most, memory_bytes())


def main() -> None:
    """Do what the arguments say."""
    url, access_key, secret_key, bucket, size, count = sys.argv[1:]
    driver = S3Driver(Server(url, access_key, secret_key).settings(bucket))
    driver.check()
    driver.write("warm", Endless(100 * KIB), size=100 * KIB, content_type="x/y")

    def transfer(number: int) -> None:
        driver.write(f"large/{number}", Endless(int(size)), size=int(size), content_type="x/y")
        with driver.read(f"large/{number}") as stream:
            if sha256_of(stream) != sha256_of(Endless(int(size))):
                raise RuntimeError("other bytes came back")

    before, started = memory_bytes(), time.monotonic()
    with Watch() as watch, ThreadPoolExecutor(int(count)) as pool:
        list(pool.map(transfer, range(int(count))))
    print(watch.most - before, round(time.monotonic() - started, 1))


if __name__ == "__main__":
    main()
