"""Sizes, durations and times: as numbers with units in the code, as short words for people."""

from datetime import UTC, datetime

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

_SIZES = (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("KB", 10**3))
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"  # of aware UTC


def utc_now() -> str:
    """Return the present time as UTC ISO 8601 with microseconds, e.g. `2026-09-25T10:00:00.000000Z`."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_time(text: str) -> datetime:
    """Turn our UTC ISO 8601 text into an aware datetime."""
    return datetime.fromisoformat(text)


def size_text(size_bytes: int) -> str:
    """Round a size for people, in powers of ten: 1.4 GB, 312 KB, 17 bytes."""
    for unit, factor in _SIZES:
        if size_bytes >= 0.9995 * factor:
            value = size_bytes / factor
            return f"{value:.1f} {unit}" if value < 99.95 else f"{value:.0f} {unit}"
    return "1 byte" if size_bytes == 1 else f"{size_bytes} bytes"


def duration_text(duration_ms: int) -> str:
    """Round a duration for people: 2 h 05 min, 41 min, 12 s."""
    seconds = round(duration_ms / 1000)
    hours, rest = divmod(seconds, 3600)
    if hours:
        return f"{hours} h {rest // 60:02d} min"
    return f"{rest // 60} min" if rest >= 60 else f"{rest} s"


def clock_text(at_ms: int) -> str:
    """Say a moment of a recording as players do: 12:34, 1:05:09."""
    minutes, seconds = divmod(at_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def count_text(count: int, singular: str, plural: str = "") -> str:
    """Say a count with its noun: 1 file, 1,204 files."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"
