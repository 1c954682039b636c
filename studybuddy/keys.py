"""Keys of objects: minted here, never made of a person's text, never reused."""

import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from studybuddy.errors import InvalidKeyError

_SEGMENT = r"[A-Za-z0-9][A-Za-z0-9_-]*"
_KEY = re.compile(rf"(?:{_SEGMENT}/)*{_SEGMENT}(?:\.[a-z0-9]{{1,8}}|\.(?:db|jsonl)\.gz)?")
_OF_A_FILE = re.compile(r"(?:audio/\d+_|study-sessions/\d+/)[0-9a-f]{32}\.[a-z0-9]{1,8}")
_UUID = re.compile(r"[0-9a-f]{32}")
_RECORDING = re.compile(r"audio/(\d+)_")
_BACKUP = re.compile(r"backups/(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-f]{8})/[a-z]+\.[a-z.]+")
_BACKUP_TIME = "%Y-%m-%dT%H-%M-%SZ"
MAX_KEY_BYTES = 200
BACKUPS = "backups/"  # what is kept under it are no files' objects; the catalog does not know them
FILE_FOLDERS = ("audio/", "images/", "study-sessions/")  # where people's files are; nothing else is there


def recording_key(lecture_id: int, extension: str) -> str:
    """Mint the key of a lecture's recording: `audio/{lecture_id}_{uuid}.{ext}`."""
    return f"audio/{lecture_id}_{uuid4().hex}.{extension}"


def file_key(session_id: int, extension: str) -> str:
    """Mint the key of a session's file: `study-sessions/{session_id}/{uuid}.{ext}`."""
    return f"study-sessions/{session_id}/{uuid4().hex}.{extension}"


def backup_name(moment: datetime) -> str:
    """Mint the name of a backup: the time (UTC), so that names sort by it, and a few digits of its own."""
    return f"{moment.strftime(_BACKUP_TIME)}-{uuid4().hex[:8]}"


def backup_time(name: str) -> datetime:
    """Return when a backup was made, from its name."""
    return datetime.strptime(name.rpartition("-")[0], _BACKUP_TIME).replace(tzinfo=UTC)


def backup_key(name: str, part: str) -> str:
    """Return the key of a part of a backup: `backups/{name}/{part}`."""
    return f"{BACKUPS}{name}/{part}"


def backup_of(key: str) -> str | None:
    """Return the name of the backup that a key belongs to, or None."""
    match = _BACKUP.fullmatch(key)
    return match[1] if match else None


def another(key: str) -> str:
    """Mint a key like this one for another attempt: the same place and type, a new uuid."""
    return others([key])[0]


def others(like: Sequence[str]) -> list[str]:
    """Mint a key like each of these."""
    # All at once: `uuid4` asks the system for each, and lets other threads in between.
    digits = os.urandom(16 * len(like)).hex()
    return [_UUID.sub(digits[32 * place : 32 * (place + 1)], key, count=1) for place, key in enumerate(like)]


def is_of_a_file(key: str) -> bool:
    """Tell whether a key is one that `recording_key` or `file_key` minted, and no name that others gave."""
    return _OF_A_FILE.fullmatch(key) is not None


def lecture_of(key: str) -> int | None:
    """Return the id of the lecture whose recording a key is, or None."""
    match = _RECORDING.match(key)
    return int(match[1]) if match else None


def is_key(key: str) -> bool:
    """Tell whether a text has the form of the keys that we mint."""
    return len(key) <= MAX_KEY_BYTES and _KEY.fullmatch(key) is not None


def check_key(key: str) -> str:
    """Return `key` when it has the form that we mint; raise InvalidKeyError otherwise."""
    if not is_key(key):
        raise InvalidKeyError(f"{key[:80]!r} is not a key of ours", key=key[:80])
    return key
