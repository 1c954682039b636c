"""Bodies on their way into the spool: in large writes, hashed as they pass, never whole in memory."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import anyio
from starlette.requests import ClientDisconnect

from studybuddy.adding.new_files import Added, NewFile
from studybuddy.api.errors import HttpError
from studybuddy.api.threads import in_thread
from studybuddy.errors import InvalidInputError, TooLargeError
from studybuddy.slices import no_space
from studybuddy.units import MIB, size_text
from studybuddy.wiring import Wiring

WRITE_BYTES = MIB
IDLE_S = 120  # a client that sends nothing for so long is gone


class Landing:
    """A temporary file that takes one file's bytes, until the library takes it over."""

    def __init__(self, wiring: Wiring, length: int) -> None:
        wiring.spool.check_room(length)
        self._library = wiring.library
        self._limit = wiring.settings.max_upload_bytes
        self._hash = hashlib.sha256()
        self._size = 0
        self._stack = ExitStack()
        self._path, self._stream = self._stack.enter_context(wiring.spool.temporary())

    def write(self, piece: bytes | bytearray) -> None:
        self._size += len(piece)
        check_size(self._size, self._limit)
        with no_space():
            self._stream.write(piece)
        self._hash.update(piece)

    def whole(self) -> Path:
        """Return the file with all of the bytes; it is there until `close`."""
        with no_space():
            self._stream.close()
        return self._path

    def save(self, new: NewFile) -> Added:
        return self._library.adopt(self.whole(), new, size=self._size, sha256=self._hash.hexdigest())

    def close(self) -> None:
        self._stack.close()


@asynccontextmanager
async def landing(wiring: Wiring, *, length: int = 0) -> AsyncIterator[Landing]:
    """Open a temporary file for `length` bytes (0: nobody knows how many); it is removed at the end."""
    found = await in_thread(Landing, wiring, length)
    try:
        yield found
    finally:
        with anyio.CancelScope(shield=True):
            await in_thread(found.close)


def check_size(size: int, limit: int) -> None:
    """Raise TooLargeError when a file is larger than the settings allow."""
    if size > limit:
        raise TooLargeError(
            f"The file is larger than the limit of {size_text(limit)}",
            fix="Raise MAX_UPLOAD_MB in the settings, or split the file.",
        )


def announced_length(header: str | None) -> int:
    """Return how long a body says that it is; 0 when it does not say."""
    if header is None:
        return 0
    if not (header.isascii() and header.isdigit() and len(header) <= 18):
        raise InvalidInputError("Content-Length is not a number")
    return int(header)


async def gathered(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytearray]:
    """Yield the bytes in pieces worth a write; what came before a client breaks off is yielded before it raises."""
    buffer = bytearray()
    try:
        async for piece in pieces:
            buffer += piece
            if len(buffer) >= WRITE_BYTES:
                full, buffer = buffer, bytearray()
                yield full
    except (ClientDisconnect, HttpError):
        if buffer:
            yield buffer
        raise
    if buffer:
        yield buffer


async def steady(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the pieces; raise HttpError (408) when none comes for too long."""
    while True:
        try:
            with anyio.fail_after(IDLE_S):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise HttpError(408, "timeout", f"Nothing came for {IDLE_S} seconds", fix="Send it again.") from error
        yield piece
