"""Writing to S3: one PUT up to 64 MiB, parts above, which may be gone on with after a break."""

import logging

from studybuddy.drivers.driver import Written
from studybuddy.drivers.s3 import unfinished
from studybuddy.drivers.s3.bodies import SINGLE_BYTES
from studybuddy.drivers.s3.parts import InParts
from studybuddy.drivers.s3.place import Place
from studybuddy.drivers.s3.unfinished import Begun
from studybuddy.drivers.s3.writing import Writing
from studybuddy.errors import PermissionDeniedError, UnsupportedError
from studybuddy.streams import Readable

log = logging.getLogger(__name__)


def write_object(place: Place, key: str, source: Readable, *, size: int, content_type: str) -> Written:
    """Write `size` bytes of `source` to `key`."""
    kind = Writing if size <= SINGLE_BYTES else InParts
    return kind.of(place, key, size=size, content_type=content_type).write(source)


def write_in_parts(place: Place, key: str, source: Readable, *, size: int, step: int) -> Written:
    """Write in parts of `step` bytes, however small the object is: to see whether it can be done."""
    return InParts(place, key, size, "application/octet-stream", step, checked=False).write(source)


class UnfinishedObject:
    """An object of which parts may have come before: they are not sent again."""

    def __init__(self, place: Place, key: str, *, size: int, content_type: str, is_new: bool) -> None:
        self._writing = InParts.of(place, key, size=size, content_type=content_type)
        self._is_new = is_new
        self._begun = None if is_new else _begun(place, key)

    @property
    def held(self) -> int:
        return self._begun.held if self._begun else 0

    def read(self) -> None:
        """Parts cannot be read before they are joined."""
        return

    def write(self, source: Readable) -> Written:
        if self._begun is None and not self._is_new and self._writing.is_joined():
            return Written(self._writing.size, verified=False)  # nobody was told; what it holds shows when it is read
        return self._writing.go_on(self._begun or self._writing.begin(), source)


def _begun(place: Place, key: str) -> Begun | None:
    try:
        return unfinished.find(place, key)
    except (PermissionDeniedError, UnsupportedError) as error:
        log.warning("what was sent of %s is sent again: %s", key, error)
        return None
