"""The demo's folder: its settings, its library, and what its S3 server held when it ended."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studybuddy.catalog.lists import SessionFilter, sessions_page
from studybuddy.demo.courses import add_samples
from studybuddy.demo.ports import a_port
from studybuddy.errors import ConflictError
from studybuddy.opening import open_folder
from studybuddy.settings import load_settings
from studybuddy.storage import Storage
from studybuddy.wiring import Wiring, open_all

BUCKET = "study-buddy-demo"
_ENV = Path(".env")
_S3 = Path("s3")
_SETTINGS = """\
STORAGE=LOCAL
AWS_S3_BUCKET={bucket}
S3_ENDPOINT_URL=http://127.0.0.1:{port}
AWS_ACCESS_KEY_ID=study-buddy-demo
AWS_SECRET_ACCESS_KEY=any-secret-will-do-here
"""
_OF_SETTINGS = re.compile(r"(STUDY_BUDDY|AWS|S3|SUPABASE)_|(STORAGE|UPLOADS_DIR|PUBLIC_READ|MAX_UPLOAD_MB)$")


def enter(folder: Path, *, s3_port: int) -> int:
    """Make `folder` this process's own, with settings in it that are the only ones in force; return the S3 port.

    A demo that is there already is gone on with, on the port that its library knows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    env, is_empty = folder / _ENV, not any(folder.iterdir())
    if not is_empty and not (env.is_file() and f"={BUCKET}\n" in env.read_text("utf-8")):
        raise ConflictError(f"{folder} is not empty, and holds no demo", fix="Name another folder.")
    os.chdir(folder)
    for name in [name for name in os.environ if _OF_SETTINGS.match(name)]:
        del os.environ[name]  # the demo knows nothing of anyone's own bucket
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
    if is_empty:
        _ENV.touch(mode=0o600)  # as the settings page asks of any that holds secrets
        _ENV.write_text(_SETTINGS.format(bucket=BUCKET, port=s3_port or a_port()), "utf-8")
    s3 = load_settings().s3
    return int(s3.endpoint_url.rpartition(":")[2]) if s3 and s3.endpoint_url else s3_port


def leave() -> None:
    """Go out of the folder, so that it can be removed."""
    os.chdir(Path.home().anchor)


def fill() -> None:
    """Bring back what the S3 server held when a kept demo ended, and add the sample library where there is none."""
    with _opened() as wiring:
        if _S3.is_dir():
            _copy_all(open_folder(_S3), wiring.storages().named("s3"))
        with wiring.catalog.read() as db:
            is_new = not sessions_page(db, SessionFilter(), limit=1).rows
        if is_new:
            add_samples(wiring.library)


def keep() -> None:
    """Keep what the S3 server holds, which only has it in memory."""
    _S3.mkdir(exist_ok=True)
    kept = open_folder(_S3)
    with _opened() as wiring:
        held = _copy_all(wiring.storages().named("s3"), kept)
    for key in [info.key for info in kept.driver.list() if info.key not in held]:
        kept.driver.delete(key)


@contextmanager
def _opened() -> Iterator[Wiring]:
    wiring = open_all(load_settings())
    try:
        yield wiring
    finally:
        wiring.close()


def _copy_all(source: Storage, target: Storage) -> set[str]:
    keys = set()
    for info in source.driver.list():
        with source.driver.read(info.key) as stream:
            content_type = info.content_type or "application/octet-stream"
            target.driver.write(info.key, stream, size=info.size or 0, content_type=content_type)
        keys.add(info.key)
    return keys
