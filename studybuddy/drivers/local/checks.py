"""The doctor's checks of a folder on this computer."""

import io
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from studybuddy.drivers.checks import Check, Found, Step, carry_out
from studybuddy.drivers.driver import Driver
from studybuddy.drivers.local.files import has_identity, identity_in, translated
from studybuddy.errors import IntegrityError, StudyBuddyError
from studybuddy.units import GIB, size_text

_PROBE = b"Study Buddy looks whether it can keep files here. This object is deleted at once.\n" * 20
_RANGE = (100, 300)
_WARN_FREE = GIB
log = logging.getLogger(__name__)


def diagnose(driver: Driver, root: Path, own_folder: Path) -> Iterator[Check]:
    """Make all checks; what they write is removed, also when the iterator is closed before its end."""
    checks = _FolderChecks(driver, root, own_folder)
    try:
        yield from carry_out(checks.steps())
    finally:
        checks.tidy_up()


class _FolderChecks:
    def __init__(self, driver: Driver, root: Path, own_folder: Path) -> None:
        self._driver = driver
        self._root = root
        self._own_folder = own_folder
        self._key = f"study-buddy-check/{uuid4().hex}/probe.txt"
        self._written = False

    def steps(self) -> tuple[Step, ...]:
        return (
            Step("folder", f"Folder {self._root}", self._folder),
            Step("marker", "The folder's marker", self._marker, needs=("folder",)),
            Step("space", "Free space", self._space, needs=("folder",)),
            Step("put", "Writing, renaming and waiting for the disk", self._put, needs=("marker",)),
            Step("list", "Listing objects", self._list, needs=("put",)),
            Step("get", "Reading an object", self._get, needs=("put",)),
            Step("range", "Reading a range of bytes", self._range, needs=("put",)),
            Step("delete", "Deleting objects", self._delete, needs=("put",)),
        )

    def tidy_up(self) -> None:
        """Remove what is still there; say so when that fails."""
        if not self._written:
            return
        try:
            self._driver.delete(self._key)
        except StudyBuddyError as error:
            log.warning("the check's file %s stays behind: %s", self._key, error)

    def _folder(self) -> Found:
        if self._root.is_dir():
            return Found()
        return Found("failed", f"{self._root} is not there", "Plug its disk in, or correct UPLOADS_DIR.")

    def _marker(self) -> Found:
        # Written to, a folder whose disk is not mounted would look like an empty storage.
        if not has_identity(self._own_folder):
            reason = f"{self._root} has not the marker that Study Buddy put there: it is another folder"
            return Found("failed", reason, "Look whether its disk is mounted; else restart Study Buddy to begin anew.")
        with translated("", f"read the marker in {self._own_folder}"):
            identity_in(self._own_folder)
        return Found()

    def _space(self) -> Found:
        with translated("", f"look at the disk of {self._root}"):
            disk = shutil.disk_usage(self._root)
        told = f"{size_text(disk.free)} of {size_text(disk.total)}"
        if disk.free >= _WARN_FREE:
            return Found(reason=told)
        return Found("warning", f"Only {told} are free", "Free some space, or let new files go to another storage.")

    def _put(self) -> Found:
        self._written = True
        self._driver.write(self._key, io.BytesIO(_PROBE), size=len(_PROBE), content_type="text/plain")
        return Found()

    def _list(self) -> Found:
        if [found.key for found in self._driver.list(self._key)] != [self._key]:
            raise IntegrityError("The folder does not show the file that was just written", fix="Look after the disk.")
        return Found()

    def _get(self) -> Found:
        return self._expect(_PROBE, 0, None)

    def _range(self) -> Found:
        start, stop = _RANGE
        return self._expect(_PROBE[start:stop], start, stop)

    def _expect(self, data: bytes, start: int, stop: int | None) -> Found:
        with self._driver.read(self._key, start=start, stop=stop) as stream:
            if stream.read() != data:
                raise IntegrityError("The disk gives back other bytes than it took", fix="Look after the disk.")
        return Found()

    def _delete(self) -> Found:
        self._driver.delete(self._key)
        self._written = False
        return Found()
