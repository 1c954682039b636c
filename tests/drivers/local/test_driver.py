"""The local driver: the contract, and what only a disk has."""

import errno
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from studybuddy.drivers.driver import Driver
from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.errors import (
    InvalidKeyError,
    NoSpaceError,
    ObjectExistsError,
    PermissionDeniedError,
    ReadOnlyError,
    StorageError,
)
from tests.contracts.base import KEY, get, keys_in, put
from tests.contracts.driver_contract import DriverContract
from tests.contracts.many import ReadsManyContract, WritesManyContract
from tests.contracts.sources import Breaking
from tests.contracts.unfinished import KeepsUnfinishedContract


def temporary_files(root: Path) -> list[str]:
    return sorted(path.name for name in ("tmp", "unfinished") for path in (root / ".study-buddy" / name).glob("*"))


class TestLocal(DriverContract, WritesManyContract, ReadsManyContract, KeepsUnfinishedContract):
    keeps_content_type = False
    has_urls = False

    @pytest.fixture
    def driver(self, tmp_path: Path) -> Driver:
        return LocalDriver(tmp_path / "objects", writer="me")

    @pytest.fixture
    def neighbour(self, tmp_path: Path) -> Driver:
        return LocalDriver(tmp_path / "neighbour", writer="me")

    @pytest.fixture
    def absent(self, tmp_path: Path) -> Driver:
        (tmp_path / "file").write_text("not a folder")
        return LocalDriver(tmp_path / "file")

    @pytest.fixture
    def unfinished(self, tmp_path: Path) -> Callable[[], list[str]]:
        return lambda: temporary_files(tmp_path / "objects")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture
def driver(root: Path) -> LocalDriver:
    return LocalDriver(root, writer="me")


def refuse(monkeypatch: pytest.MonkeyPatch, name: str, code: int) -> None:
    """Let a call of the operating system fail."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, name, fail)


@pytest.mark.parametrize(
    "key", ["../out", "a/../../out", "/etc/passwd", "", ".", ".study-buddy/storage.json", "a\x00b"]
)
def test_a_key_that_leaves_the_folder_is_refused(driver: LocalDriver, key: str) -> None:
    with pytest.raises(InvalidKeyError):
        put(driver, key, b"x")
    with pytest.raises(InvalidKeyError):
        get(driver, key)
    with pytest.raises(InvalidKeyError):
        driver.delete(key)


def test_a_link_that_leads_out_is_neither_followed_nor_listed(driver: LocalDriver, root: Path, tmp_path: Path) -> None:
    put(driver, "a", b"x")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    (root / "folder").symlink_to(outside)
    (root / "file").symlink_to(outside / "secret")
    assert keys_in(driver) == ["a"]
    for key in ("folder/secret", "file"):
        with pytest.raises(InvalidKeyError):
            get(driver, key)
        with pytest.raises(InvalidKeyError):
            driver.delete(key)
    with pytest.raises(InvalidKeyError):
        put(driver, "folder/new", b"x")
    assert sorted(path.name for path in outside.iterdir()) == ["secret"]


def test_a_disk_without_hard_links_keeps_the_promise(
    driver: LocalDriver, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, "link", errno.EOPNOTSUPP)
    put(driver, KEY, b"old")
    put(driver, KEY, b"old")
    with pytest.raises(ObjectExistsError):
        put(driver, KEY, b"new")
    assert get(driver, KEY) == b"old"
    assert temporary_files(root) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("call", ["fsync", "link", "mkdir"])
def test_a_full_disk_is_told_and_leaves_nothing(
    driver: LocalDriver, root: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    driver.check()
    with monkeypatch.context() as patch:
        refuse(patch, call, code)
        with pytest.raises(NoSpaceError) as raised:
            put(driver, KEY, b"x")
    assert raised.value.fix
    assert keys_in(driver) == temporary_files(root) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_a_disk_that_fills_while_bytes_come_is_told_and_leaves_nothing(
    driver: LocalDriver, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.check()
    full = root / ".study-buddy" / "tmp" / "me-full"
    full.symlink_to("/dev/full")
    opened = Path.open
    monkeypatch.setattr(Path, "open", lambda path, mode="r", buffering=-1: opened(Path("/dev/full"), "r+b", buffering))
    with pytest.raises(NoSpaceError):
        put(driver, KEY, b"x")
    monkeypatch.undo()
    full.unlink()
    assert keys_in(driver) == temporary_files(root) == []


@pytest.mark.parametrize(
    ("code", "error"), [(errno.EROFS, ReadOnlyError), (errno.EACCES, PermissionDeniedError), (errno.EIO, StorageError)]
)
def test_what_the_disk_refuses_is_told(
    driver: LocalDriver, monkeypatch: pytest.MonkeyPatch, code: int, error: type[StorageError]
) -> None:
    driver.check()
    with monkeypatch.context() as patch:
        refuse(patch, "fsync", code)
        with pytest.raises(error) as raised:
            put(driver, KEY, b"x")
    assert raised.value.fix


def test_every_new_name_is_made_durable(driver: LocalDriver, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver.check()
    synced: list[str] = []
    fsync = os.fsync

    def watch(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink().relative_to(root)))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watch)
    put(driver, "a/b/c", b"x")
    # The temporary file, the folders that hold a new folder, and the one that holds the new file.
    assert synced[0].startswith(".study-buddy/tmp/me-")
    assert synced[1:] == [".", "a", "a/b"]


def test_a_delete_removes_the_folders_that_it_empties(driver: LocalDriver, root: Path) -> None:
    put(driver, "a/b/c", b"x")
    put(driver, "a/d", b"x")
    driver.delete("a/b/c")
    assert not (root / "a" / "b").exists()
    driver.delete("a/d")
    assert [path.name for path in root.iterdir()] == [".study-buddy"]


def test_many_deletes_at_once_empty_their_folders_without_an_error(driver: LocalDriver, root: Path) -> None:
    keys = [f"{folder}/{number}" for folder in range(60) for number in range(4)]
    for key in keys:
        put(driver, key, b"x")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(driver.delete, keys))
    assert [path.name for path in root.iterdir()] == [".study-buddy"]


def test_a_delete_of_a_folder_leaves_what_is_in_it(driver: LocalDriver) -> None:
    put(driver, "a/b/c", b"x")
    driver.delete("a/b")
    assert keys_in(driver) == ["a/b/c"]


def test_the_folder_keeps_its_identity(driver: LocalDriver, root: Path, tmp_path: Path) -> None:
    identity = driver.identity()
    assert identity.startswith("local:")
    assert LocalDriver(root).identity() == identity
    moved = root.rename(tmp_path / "moved")
    assert LocalDriver(moved).identity() == identity
    assert LocalDriver(tmp_path / "other").identity() != identity
    assert keys_in(LocalDriver(moved)) == []


@pytest.mark.parametrize("text", ["", "{}", "[]", "not json"])
def test_a_damaged_identity_is_told_and_kept(driver: LocalDriver, root: Path, text: str) -> None:
    driver.identity()
    marker = root / ".study-buddy" / "storage.json"
    marker.write_text(text)
    with pytest.raises(StorageError) as raised:
        driver.identity()
    assert raised.value.fix
    assert marker.read_text() == text


def test_only_the_temporary_files_of_the_dead_are_removed(root: Path) -> None:
    folder = root / ".study-buddy" / "tmp"
    LocalDriver(root).remove_stale_temporary(lambda _: False)
    folder.mkdir(parents=True)
    for name in ("alive-1", "dead-1", "dead-2", "de-ad-3"):
        (folder / name).write_text("x")
    LocalDriver(root).remove_stale_temporary(lambda writer: writer == "alive")
    assert temporary_files(root) == ["alive-1"]


def test_temporary_files_name_their_writer(driver: LocalDriver, root: Path) -> None:
    names: list[str] = []

    class Looking:
        def read(self, _: int = -1, /) -> bytes:
            names.extend(temporary_files(root))
            return b"x" if len(names) == 1 else b""

    driver.write(KEY, Looking(), size=1, content_type="text/plain")
    assert names[0].startswith("me-")


def test_a_file_that_shrinks_while_it_is_read_is_told(driver: LocalDriver, root: Path) -> None:
    put(driver, KEY, b"x" * 100_000)
    with driver.read(KEY) as stream:
        stream.read(10)
        os.truncate(root / KEY, 20)
        with pytest.raises(StorageError):
            while stream.read(50_000):
                pass


def test_a_writer_that_breaks_off_leaves_no_temporary_file(driver: LocalDriver, root: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        driver.write(KEY, Breaking(10, KeyboardInterrupt()), size=20, content_type="x/y")  # type: ignore[arg-type]
    assert temporary_files(root) == []
