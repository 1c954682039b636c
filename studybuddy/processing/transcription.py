"""What is said in a window of sound, as an OpenAI-compatible service hears it: `POST /audio/transcriptions`."""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from urllib3 import BaseHTTPResponse, PoolManager, Timeout
from urllib3.exceptions import HTTPError

from studybuddy.errors import StudyBuddyError
from studybuddy.processing.results import Cue
from studybuddy.settings.places import TranscribeSettings
from studybuddy.units import MIB

_ANSWER_S = 600.0  # a service on a slow computer may take as long as the window lasts
_MAX_ANSWER_BYTES = 16 * MIB
_BUSY = frozenset((408, 409, 425, 429, 500, 502, 503, 504))
_LONGEST_PAUSE_S = 3600.0
_SETTINGS = "Correct TRANSCRIBE_URL, TRANSCRIBE_API_KEY and TRANSCRIBE_MODEL, start again, and ask again."


HOW_TO = (
    "Set TRANSCRIBE_URL (and TRANSCRIBE_API_KEY) to a service that takes OpenAI's requests, or TRANSCRIBE_MODEL to a "
    "model on this computer, and start again. The README tells more. Or add a caption file (VTT or SRT) with the "
    "recording's name to the session."
)


class RefusedError(StudyBuddyError):
    """Raised when trying the same again would change nothing."""

    code = "transcription_refused"


class BusyError(StudyBuddyError):
    """Raised when the service may answer later; `pause_s` is what it asks for."""

    code = "transcription_busy"

    def __init__(
        self, message: str, *, pause_s: float = 0.0, fix: str = "Look whether the service is reachable, and ask again."
    ) -> None:
        super().__init__(message, fix=fix)
        self.pause_s = pause_s


class Engine(Protocol):
    """What hears words in sound."""

    def hear(self, window: Path, *, length_ms: int) -> list[Cue]:
        """Return what is said in a FLAC file, timed from its start; raise RefusedError or BusyError."""
        ...

    def close(self) -> None:
        """End what is under way, and let go of what it holds; it can hear again afterwards."""
        ...


class Endpoint:
    """A service that is asked over the network."""

    def __init__(self, url: str, settings: TranscribeSettings, *, answer_s: float = _ANSWER_S) -> None:
        self._url = f"{url}/audio/transcriptions"
        self._settings = settings
        self._host = urlsplit(url).netloc
        self._pool = PoolManager(timeout=Timeout(connect=10, read=answer_s), retries=False)

    def hear(self, window: Path, *, length_ms: int) -> list[Cue]:
        try:
            answer = self._pool.request(
                "POST",
                self._url,
                fields=self._fields(window),
                headers=self._headers(),
                redirect=False,  # the key is for this host alone
                preload_content=False,
            )
            body = answer.read(_MAX_ANSWER_BYTES)
        except HTTPError as error:
            raise BusyError(f"{self._host} does not answer ({_kind(error)})") from error
        answer.release_conn()
        if answer.status != 200:
            raise self._error(answer, body)
        return self._cues(body, length_ms)

    def close(self) -> None:
        self._pool.clear()

    def _fields(self, window: Path) -> list[tuple[str, Any]]:
        fields: list[tuple[str, Any]] = [
            ("model", self._settings.model),
            ("response_format", "verbose_json"),
            ("timestamp_granularities[]", "segment"),
            ("file", ("sound.flac", window.read_bytes(), "audio/flac")),
        ]
        return fields + ([("language", self._settings.language)] if self._settings.language else [])

    def _headers(self) -> dict[str, str]:
        key = self._settings.api_key
        return {"Authorization": f"Bearer {key.reveal()}"} if key else {}

    def _error(self, answer: BaseHTTPResponse, body: bytes) -> StudyBuddyError:
        status, said = answer.status, self._said(body)
        if status in {401, 403}:
            return RefusedError(f"{self._host} does not take the key (HTTP {status})", fix=_SETTINGS)
        if status in _BUSY and "insufficient_quota" not in said:
            return BusyError(f"{self._host} cannot answer now (HTTP {status}){said}", pause_s=_pause(answer))
        return RefusedError(f"{self._host} refuses the sound (HTTP {status}){said}", fix=_SETTINGS)

    def _said(self, body: bytes) -> str:
        """Return what the service gives as its reason, without the key that it may repeat."""
        try:
            told = json.loads(body)["error"]
        except (ValueError, KeyError, TypeError):
            return ""
        parts = [told.get("message"), told.get("code")] if isinstance(told, dict) else [told]
        text = " ".join(" ".join(str(part) for part in parts if part).split())
        key = self._settings.api_key
        return f": {text.replace(key.reveal(), '…') if key else text}"[:300].rstrip(". ")

    def _cues(self, body: bytes, length_ms: int) -> list[Cue]:
        try:
            told = json.loads(body)
            segments, text = told.get("segments"), told.get("text")
            if segments is None and isinstance(text, str):  # some models know no times
                return timed([(0.0, length_ms / 1000, text)], length_ms)
            return timed([(one["start"], one["end"], one["text"]) for one in segments], length_ms)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"{self._host} answers, but not with a transcript"
            raise RefusedError(message, fix=_SETTINGS) from error


def timed(segments: Iterable[tuple[float, float, str]], length_ms: int) -> list[Cue]:
    """Return segments as cues within the window; raise ValueError or TypeError for what is no time or text."""
    cues = []
    for start, end, said in segments:
        if not (math.isfinite(start) and math.isfinite(end)):
            raise ValueError("no time")
        start_ms = min(max(round(start * 1000), 0), length_ms)
        end_ms = min(max(round(end * 1000), start_ms), length_ms)
        if text := " ".join(said.split()):
            cues.append(Cue(start_ms, end_ms, text))
    return cues


def _pause(answer: BaseHTTPResponse) -> float:
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), _LONGEST_PAUSE_S) if asked.isascii() and asked.isdigit() else 0.0


def _kind(error: HTTPError) -> str:
    return type(error).__name__.removesuffix("Error")
