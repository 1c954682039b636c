import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studybuddy.errors import IntegrityError, TooLargeError
from studybuddy.streams import (
    HashingReader,
    LimitedReader,
    Readable,
    chunks,
    copy,
    sha256_of,
    sync_file,
    sync_folder,
)

WORDS = b"light becomes sugar"
SHA256 = hashlib.sha256(WORDS).hexdigest()


class Dripping:
    """Gives one byte at a time, as a slow network does."""

    def __init__(self, content: bytes) -> None:
        self._rest = content

    def read(self, size: int = -1, /) -> bytes:
        piece, self._rest = self._rest[: min(size, 1)], self._rest[min(size, 1) :]
        return piece


def drain(source: Readable, size: int = 4) -> bytes:
    return b"".join(chunks(source, size))


@given(content=st.binary(max_size=200), size=st.integers(1, 50))
def test_pieces_put_together_are_the_whole(content: bytes, size: int) -> None:
    pieces = list(chunks(io.BytesIO(content), size))
    assert b"".join(pieces) == content
    assert all(0 < len(piece) <= size for piece in pieces)


@given(content=st.binary(max_size=200), size=st.integers(1, 50))
def test_a_hash_is_that_of_the_bytes_however_they_are_cut(content: bytes, size: int) -> None:
    reader = HashingReader(io.BytesIO(content), size=len(content), sha256=hashlib.sha256(content).hexdigest())
    assert drain(reader, size) == content
    assert (reader.size, reader.sha256) == (len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("size", [len(WORDS) - 1, len(WORDS) + 1, 0])
def test_another_length_than_announced_is_an_error(size: int) -> None:
    with pytest.raises(IntegrityError, match=f"{size} were announced"):
        drain(HashingReader(io.BytesIO(WORDS), size=size))


@pytest.mark.parametrize("asked", [-1, 4, len(WORDS), 1000])
def test_other_bytes_than_announced_are_an_error(asked: int) -> None:
    with pytest.raises(IntegrityError, match="SHA-256"):
        drain(HashingReader(io.BytesIO(WORDS), sha256="0" * 64), asked)


def test_wrong_bytes_are_noticed_by_whoever_reads_just_the_announced_length() -> None:
    reader = HashingReader(io.BytesIO(WORDS), size=len(WORDS), sha256="0" * 64)
    with pytest.raises(IntegrityError):
        reader.read(len(WORDS))


@pytest.mark.parametrize("source", [io.BytesIO, Dripping])
@given(content=st.binary(max_size=200), size=st.integers(1, 70))
def test_what_is_read_into_memory_is_hashed_and_checked_as_well(
    source: Callable[[bytes], Readable], content: bytes, size: int
) -> None:
    reader = HashingReader(source(content), size=len(content), sha256=hashlib.sha256(content).hexdigest())
    buffer, found = memoryview(bytearray(size)), b""
    while came := reader.readinto(buffer):
        found += buffer[:came]
    assert found == content
    assert reader.sha256 == hashlib.sha256(content).hexdigest()
    wrong = HashingReader(source(content + b"x"), size=len(content) + 1, sha256="0" * 64)
    with pytest.raises(IntegrityError):
        while wrong.readinto(buffer):
            pass


def test_asking_for_nothing_is_not_the_end() -> None:
    reader = HashingReader(io.BytesIO(WORDS), size=len(WORDS), sha256=SHA256)
    assert reader.read(0) == b""
    assert drain(reader) == WORDS


def test_the_end_may_be_read_more_than_once() -> None:
    reader = HashingReader(io.BytesIO(WORDS), size=len(WORDS), sha256=SHA256)
    assert reader.read() == WORDS
    assert reader.read() == b""
    assert reader.read(5) == b""


def test_an_empty_source_is_checked_too() -> None:
    assert HashingReader(io.BytesIO(), size=0, sha256=hashlib.sha256().hexdigest()).read(5) == b""
    with pytest.raises(IntegrityError):
        HashingReader(io.BytesIO(), size=1).read(5)


def test_an_error_of_the_source_passes_through() -> None:
    class Broken:
        def read(self, size: int = -1, /) -> bytes:
            raise ConnectionResetError("reset")

    with pytest.raises(ConnectionResetError):
        drain(HashingReader(Broken(), size=5))


@given(content=st.binary(max_size=100), limit=st.integers(0, 100), size=st.integers(1, 30))
def test_a_limit_lets_its_own_length_pass_and_not_a_byte_more(content: bytes, limit: int, size: int) -> None:
    reader = LimitedReader(io.BytesIO(content), limit)
    if len(content) <= limit:
        assert drain(reader, size) == content
    else:
        with pytest.raises(TooLargeError):
            drain(reader, size)


def test_a_limit_says_what_to_do() -> None:
    with pytest.raises(TooLargeError, match="limit of 3 bytes") as caught:
        LimitedReader(io.BytesIO(WORDS), 3).read()
    assert "MAX_UPLOAD_MB" in caught.value.fix


def test_a_copy_tells_what_passed() -> None:
    target = io.BytesIO()
    assert copy(Dripping(WORDS), target) == (len(WORDS), SHA256)
    assert target.getvalue() == WORDS
    assert sha256_of(Dripping(WORDS)) == (len(WORDS), SHA256)


def test_what_was_synced_is_in_the_file(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as stream:
        stream.write(WORDS)
        sync_file(stream)
        assert (tmp_path / "file").read_bytes() == WORDS
    sync_folder(tmp_path)


def test_a_missing_folder_cannot_be_synced(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sync_folder(tmp_path / "missing")
