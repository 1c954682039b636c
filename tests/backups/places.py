"""Where a library of a test's own lies: on this computer, or its files in a bucket."""

from pathlib import Path

from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all
from tests.servers.place import Server


def environ_in(folder: Path, **more: str) -> dict[str, str]:
    return {"UPLOADS_DIR": str(folder / "uploads"), "STUDY_BUDDY_DATA": str(folder / "data"), **more}


def s3_environ(server: Server, bucket: str, url: str | None = None) -> dict[str, str]:
    return (server.at(url) if url else server).environ(bucket)


def open_in(folder: Path, **more: str) -> Wiring:
    return open_all(load_settings(environ_in(folder, **more), env_file=folder / "no.env"))
