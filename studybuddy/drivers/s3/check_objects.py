"""Does with objects what Study Buddy will do with them, under a folder of its own, and removes them again."""

import io
import logging
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from studybuddy.drivers.checks import Found, Step
from studybuddy.drivers.driver import Driver
from studybuddy.drivers.s3.check_settings import CHECK_FOLDER
from studybuddy.drivers.s3.place import Place
from studybuddy.drivers.s3.write import write_in_parts
from studybuddy.errors import (
    IntegrityError,
    InvalidKeyError,
    ObjectNotFoundError,
    PermissionDeniedError,
    StorageError,
    UnavailableError,
    UnsupportedError,
)
from studybuddy.names import content_disposition
from studybuddy.units import MIB, count_text

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ListObjectVersionsOutputTypeDef

_PROBE = b"Study Buddy looks whether it can keep files here. This object is deleted at once.\n" * 20
_RANGE = (100, 300)
_PARTS_BYTES = 6 * MIB
_STEP_BYTES = 5 * MIB  # the least that S3 takes for a part that is not the last
_NAME = "Vorlesung 7 – Wärme & Arbeit.pdf"
_LINK_SECONDS = 5.0
_STALE_AFTER = timedelta(hours=1)  # no check takes that long: what is older was left by one that was killed
log = logging.getLogger(__name__)


class Probes:
    """Objects that are written, used and deleted. Every key is noted before it is used, so that it can be removed."""

    def __init__(self, driver: Driver, place: Place) -> None:
        self._driver = driver
        self._place = place
        self._folder = f"{CHECK_FOLDER}{uuid4().hex}/"
        self._probe = self._folder + "probe.txt"
        self._parts = self._folder + "parts.bin"
        self._written: list[str] = []  # and not yet deleted
        self._kept = False  # whether writing works
        self._refused_key = ""  # which the service does not take, and so holds nothing at
        self._versions_left = 0

    def steps(self) -> tuple[Step, ...]:
        put, bucket = ("put",), ("bucket",)
        return (
            Step("put", "Writing an object", self._put, needs=bucket),
            Step("list", "Listing objects", self._list, needs=bucket),
            Step("head", "Asking for an object's size", self._head, needs=put),
            Step("get", "Reading an object", self._get, needs=put),
            Step("range", "Reading a range of bytes", self._range, needs=put),
            Step("copy", "Copying within the service", self._copy, needs=put),
            Step("multipart", "Writing in parts", self._multipart, needs=put),
            Step("link", "Link that brings the file's own name", self._link, needs=put),
            Step("names", "Keys with spaces and letters of any language", self._names, needs=put),
            Step("empty", "Empty object", self._empty, needs=put),
            Step("delete", "Deleting objects", self._delete, needs=put),
        )

    @contextmanager
    def removed_at_the_end(self) -> Iterator[None]:
        """Remove at the end of the block whatever is still there, also when it is left early."""
        try:
            yield
        finally:
            if self._written:
                try:
                    self._remove_all()
                except StorageError as error:
                    log.warning("the check's objects under %s stay in the bucket: %s", self._folder, error)

    def _write(self, key: str, data: bytes) -> None:
        self._written.append(key)
        self._driver.write(key, io.BytesIO(data), size=len(data), content_type="text/plain")

    def _put(self) -> Found:
        self._write(self._probe, _PROBE)
        self._kept = True
        return Found()

    def _list(self) -> Found:
        keys = [found.key for found in self._driver.list(self._folder)]
        if self._kept and self._probe not in keys:
            raise IntegrityError("The list of objects does not show the object that was just written")
        return Found()

    def _head(self) -> Found:
        _expect_size(self._driver.stat(self._probe).size, len(_PROBE))
        return Found()

    def _get(self) -> Found:
        self._expect_bytes(self._probe, _PROBE)
        return Found()

    def _range(self) -> Found:
        start, stop = _RANGE
        with self._driver.read(self._probe, start=start, stop=stop) as stream:
            if stream.read() != _PROBE[start:stop]:
                raise IntegrityError("The storage gives back other bytes than were asked for", key=self._probe)
        return Found()

    def _copy(self) -> Found:
        key = self._folder + "copy.txt"
        self._written.append(key)
        try:
            self._driver.copy_from(self._driver, self._probe, key, size=len(_PROBE))
        except UnsupportedError:
            return Found("warning", "It cannot; moves within it go through this computer, and take longer")
        self._expect_bytes(key, _PROBE)
        return Found()

    def _multipart(self) -> Found:
        self._written.append(self._parts)
        data = os.urandom(_PARTS_BYTES)
        write_in_parts(self._place, self._parts, io.BytesIO(data), size=len(data), step=_STEP_BYTES)
        self._expect_bytes(self._parts, data)
        return Found(reason="6 MiB in two parts")

    def _link(self) -> Found:
        disposition = content_disposition(_NAME, attachment=True)
        url = self._driver.url(
            self._probe, expires=timedelta(minutes=5), disposition=disposition, content_type="application/pdf"
        )
        self._place.counter.count("get")
        data, told = _fetch(url or "", self._probe)
        self._place.counter.count("received", len(data))
        if data != _PROBE:
            raise IntegrityError("A link brings other bytes than were written", key=self._probe)
        if told != disposition:
            return Found("warning", "It brings the bytes, but the service does not pass on the file's name")
        return Found(reason=f"“{_NAME}”")

    def _names(self) -> Found:
        # Our own keys are plain; those of a bucket that someone else filled are not. Only boto3 takes them all.
        key = f"{self._folder}{_NAME}"
        self._written.append(key)
        place, client = self._place, self._place.clients.client(self._place.deadlines.answer)

        def use() -> bool:
            client.put_object(Bucket=place.bucket, Key=place.path(key), Body=_PROBE)
            found = client.get_object(Bucket=place.bucket, Key=place.path(key))["Body"].read()
            place.counter.count("received", len(found))
            return found == _PROBE

        try:
            whole = place.call(use, "Using a key with spaces", "s3:PutObject", key=key)
        except UnavailableError:
            raise
        except StorageError:
            whole = False
            self._refused_key = key
        if whole and key in [found.key for found in self._driver.list(self._folder)]:
            return Found()
        return Found("warning", "They may not; this matters only to objects that other programs put into the bucket")

    def _empty(self) -> Found:
        key = self._folder + "empty.txt"
        self._write(key, b"")
        _expect_size(self._driver.stat(key).size, 0)
        self._expect_bytes(key, b"")
        return Found()

    def _expect_bytes(self, key: str, data: bytes) -> None:
        with self._driver.read(key) as stream:
            if stream.read() != data:
                raise IntegrityError("The storage gives back other bytes than it took", key=key)

    def _delete(self) -> Found:
        remove_stale(self._driver)
        try:
            self._remove_all()
        except PermissionDeniedError as error:
            left = f"{count_text(len(self._written), 'object')} of this check stay under {self._folder}"
            self._written.clear()  # once more would be refused as well
            raise PermissionDeniedError(f"{error}. So {left}", key=self._folder, fix=error.fix) from error.__cause__
        if any(True for _ in self._driver.list(self._folder)):
            raise StorageError("Objects that were deleted are still listed", fix="Look whether the bucket is locked.")
        if self._versions_left:
            reason = f"The bucket keeps {count_text(self._versions_left, 'old version')} under {self._folder}"
            return Found("warning", f"{reason}: these keys may not delete versions (s3:DeleteObjectVersion)")
        return Found()

    def _remove_all(self) -> None:
        versions = 0
        for key in tuple(self._written):
            versions += self._remove(key)
            self._written.remove(key)
        if versions and not self._remove_versions():
            self._versions_left = versions

    def _remove(self, key: str) -> bool:
        """Delete an object as the driver does; tell whether the bucket keeps its versions."""
        place, client = self._place, self._place.clients.client(self._place.deadlines.answer)
        try:
            answer = place.call(
                lambda: client.delete_object(Bucket=place.bucket, Key=place.path(key)),
                "Deleting the check's objects", "s3:DeleteObject", key=key,
            )  # fmt: skip
        except ObjectNotFoundError:  # it was never written
            return False
        except (InvalidKeyError, UnsupportedError):
            if key != self._refused_key:
                raise
            return False
        return "VersionId" in answer or answer.get("DeleteMarker", False)

    def _remove_versions(self) -> bool:
        """Delete what versioning kept; tell whether the keys may."""
        place, client = self._place, self._place.clients.client(self._place.deadlines.answer)

        def remove(found: "ListObjectVersionsOutputTypeDef") -> None:
            for one in (*found.get("Versions", []), *found.get("DeleteMarkers", [])):
                client.delete_object(Bucket=place.bucket, Key=one["Key"], VersionId=one["VersionId"])

        try:
            found = place.call(
                lambda: client.list_object_versions(Bucket=place.bucket, Prefix=place.path(self._folder)),
                "Looking for old versions", "s3:ListBucketVersions",
            )  # fmt: skip
            place.call(partial(remove, found), "Deleting old versions", "s3:DeleteObjectVersion")
        except PermissionDeniedError:
            return False
        return True


def remove_stale(driver: Driver) -> None:
    """Delete what earlier checks left, those of other processes, too."""
    limit = datetime.now(UTC) - _STALE_AFTER
    for found in driver.list(CHECK_FOLDER):
        if found.modified_at < limit:
            driver.delete(found.key)


def _expect_size(found: int | None, size: int) -> None:
    if found != size:
        raise IntegrityError(f"The storage says that an object of {size} bytes has {found}")


def _fetch(url: str, key: str) -> tuple[bytes, str]:
    """Fetch a link as a browser would; return the bytes and the Content-Disposition. Nothing told holds the link."""
    trusted = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE"))
    try:
        with urllib.request.urlopen(url, timeout=_LINK_SECONDS, context=trusted) as answer:  # noqa: S310 (ours)
            return answer.read(2 * len(_PROBE)), answer.headers.get("Content-Disposition", "")
    except urllib.error.HTTPError as error:
        raise PermissionDeniedError(
            f"The service refuses its own link ({error.code})", key=key, fix="Check the region and the clock."
        ) from None
    except OSError:
        fix = "Look whether a proxy or a firewall is in between: browsers follow such links."
        raise StorageError("A link to the storage cannot be followed from here", key=key, fix=fix) from None
