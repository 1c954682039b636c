"""Keys of objects: minted here, never made of a person's text, never reused."""

import re
from uuid import uuid4

from studybuddy.errors import InvalidKeyError

_SEGMENT = r"[A-Za-z0-9][A-Za-z0-9_-]*"
_KEY = re.compile(rf"(?:{_SEGMENT}/)*{_SEGMENT}(?:\.[a-z0-9]{{1,8}})?")
_RECORDING = re.compile(r"audio/(\d+)_")
MAX_KEY_BYTES = 200


def recording_key(lecture_id: int, extension: str) -> str:
    """Mint the key of a lecture's recording: `audio/{lecture_id}_{uuid}.{ext}`."""
    return f"audio/{lecture_id}_{uuid4().hex}.{extension}"


def file_key(session_id: int, extension: str) -> str:
    """Mint the key of a session's file: `study-sessions/{session_id}/{uuid}.{ext}`."""
    return f"study-sessions/{session_id}/{uuid4().hex}.{extension}"


def another(key: str) -> str:
    """Mint a key like this one for another attempt: the same place and type, a new uuid."""
    return re.sub(r"[0-9a-f]{32}", lambda _: uuid4().hex, key, count=1)


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
