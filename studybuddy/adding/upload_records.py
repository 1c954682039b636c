"""What is kept of each resumable upload on disk: a record, the bytes that have come, and what became of it."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from studybuddy.errors import NotFoundError
from studybuddy.streams import sync_file, sync_folder
from studybuddy.temporary import TemporaryFiles

UploadState = Literal["receiving", "saving", "saved", "failed"]

KEPT = timedelta(hours=24)
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Upload:
    """One resumable upload. `result` and `error` are what its saving came to, as JSON."""

    id: str
    length: int  # bytes announced
    offset: int  # bytes that are here and durable
    metadata: Mapping[str, str]
    created_at: str
    expires_at: str
    result: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None

    @property
    def state(self) -> UploadState:
        if self.result is not None:
            return "saved"
        if self.error is not None:
            return "failed"
        return "saving" if self.offset == self.length else "receiving"


@dataclass(frozen=True, slots=True)
class Record:
    """What `{id}.json` keeps. The offset is not in it: it is the size of the part file, the only truth."""

    id: str
    length: int
    metadata: dict[str, str]
    created_at: str
    unverified_from: int | None = None  # bytes behind it belong to a slice whose checksum was not looked at yet
    result: Mapping[str, Any] | None = field(default=None)
    error: Mapping[str, Any] | None = field(default=None)


class Records:
    """The records in `folder`, and the paths of what belongs to them."""

    def __init__(self, folder: Path, temporary: TemporaryFiles) -> None:
        self._folder = folder
        self._temporary = temporary

    def ids(self) -> set[str]:
        """Return the ids of all uploads that something is kept of."""
        return {path.stem for path in self._folder.iterdir() if _ID.fullmatch(path.stem)}

    def load(self, upload_id: str) -> Record:
        """Return the record of an upload; raise NotFoundError when there is none."""
        self._check(upload_id)
        try:
            path = self.saved(upload_id)
            return Record(**json.loads((path if path.exists() else self.record(upload_id)).read_bytes()))
        except (FileNotFoundError, ValueError, TypeError) as error:
            raise _unknown() from error

    def change(self, upload_id: str, **changes: Any) -> Record:
        """Set fields of a record, durably."""
        record = self.load(upload_id)
        values = {name: getattr(record, name) for name in Record.__slots__} | changes
        changed = Record(**values)
        self.save(changed)
        return changed

    def save(self, record: Record) -> None:
        """Write a record, durably; what it was before is there until then."""
        values = {name: getattr(record, name) for name in Record.__slots__}
        with self._temporary.one() as (path, stream):
            stream.write(json.dumps(values).encode())
            sync_file(stream)
            stream.close()
            path.replace(self.record(record.id) if record.result is None else self.saved(record.id))
        sync_folder(self._folder)

    def part(self, upload_id: str) -> Path:
        """Return where the bytes of an upload are."""
        return self._folder / f"{upload_id}.part"

    def record(self, upload_id: str) -> Path:
        """Return where the record of an unfinished upload is."""
        return self._folder / f"{upload_id}.json"

    def saved(self, upload_id: str) -> Path:
        """Return where the record of a saved upload is."""
        # Under another name, so that the unfinished are found without reading what was saved in the last day.
        return self._folder / f"{upload_id}.saved"

    def paths(self, upload_id: str) -> tuple[Path, Path, Path]:
        """Return all of them. The part is last: one without a record is nobody's and is swept."""
        return self.record(upload_id), self.saved(upload_id), self.part(upload_id)

    def last_activity(self, upload_id: str) -> datetime:
        """Return when something happened to an upload."""
        times = [0.0]
        for path in self.paths(upload_id):
            with suppress(FileNotFoundError):
                times.append(path.stat().st_mtime)
        return datetime.fromtimestamp(max(times), UTC)

    def shown(self, record: Record) -> Upload:
        """Return what a record and the bytes on disk say of an upload."""
        return Upload(
            id=record.id,
            length=record.length,
            offset=self._offset(record),
            metadata=record.metadata,
            created_at=record.created_at,
            expires_at=(self.last_activity(record.id) + KEPT).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            result=record.result,
            error=record.error,
        )

    def _check(self, upload_id: str) -> None:
        if not _ID.fullmatch(upload_id):
            raise _unknown()

    def _offset(self, record: Record) -> int:
        if record.result is not None:
            return record.length
        if record.unverified_from is not None:
            return record.unverified_from
        try:
            return self.part(record.id).stat().st_size
        except FileNotFoundError:
            # The library has taken the bytes over, or a kill came between the two steps of an end.
            return record.length


def _unknown() -> NotFoundError:
    return NotFoundError("There is no such upload, or it has expired", fix="Add the file again.")
