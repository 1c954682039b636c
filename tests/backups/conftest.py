"""Settings of libraries that are to be recovered."""

from pathlib import Path

import pytest

from studybuddy.settings import Settings, load_settings
from tests.backups.places import environ_in, s3_environ
from tests.servers.place import Server


@pytest.fixture(params=["LOCAL", "S3"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    environ = environ_in(tmp_path)
    if request.param == "S3":
        server: Server = request.getfixturevalue("rclone_server")
        environ |= s3_environ(server, server.new_bucket())
    return load_settings(environ, env_file=tmp_path / "no.env")


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    return load_settings(environ_in(tmp_path), env_file=tmp_path / "no.env")
