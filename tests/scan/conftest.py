"""A library on this computer and in a bucket, and ways to damage it behind its back."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from studybuddy.scan.scans import Scans
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests.scan.damage import Damaged
from tests.servers.place import Server


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Server:
    """The S3 server that a test names by its fixture; else the strict one."""
    found: Server = request.getfixturevalue(getattr(request, "param", "strict_s3_server"))
    return found


@pytest.fixture
def bucket(server: Server) -> str:
    return server.new_bucket()


@pytest.fixture
def wiring(tmp_path: Path, server: Server, bucket: str) -> Iterator[Wiring]:
    folders = {"UPLOADS_DIR": str(tmp_path / "uploads"), "STUDY_BUDDY_DATA": str(tmp_path / "data")}
    environ = server.environ(bucket, STORAGE="LOCAL", S3_PREFIX="school", **folders)
    opened = open_all(load_settings(environ, env_file=tmp_path / "no.env"))
    yield opened
    opened.close()


@pytest.fixture
def scans(wiring: Wiring) -> Iterator[Scans]:
    """Scans that tell of young unknown objects as well: a test cannot wait for a day."""
    found = Scans(wiring.catalog, wiring.storages, wiring.spool, wiring.claim, grace=timedelta(seconds=-5))
    yield found
    found.close()


@pytest.fixture
def damaged(wiring: Wiring, server: Server, bucket: str) -> Damaged:
    return Damaged(wiring, server.client(), bucket)
