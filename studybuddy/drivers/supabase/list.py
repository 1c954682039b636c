"""Lists of a Supabase bucket: the flat list of today's servers, and the walk of folders that older ones need."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from studybuddy.drivers.driver import ObjectInfo
from studybuddy.drivers.supabase.client import Client
from studybuddy.drivers.supabase.errors import Refusal
from studybuddy.errors import StorageError

_PAGE_ROWS = 1000
_WHAT = "Listing the bucket"


def list_objects(client: Client, prefix: str) -> Iterator[ObjectInfo]:
    """Yield every row of a bucket that is there."""
    asked = _flat(client, prefix)
    try:
        first = next(asked, None)
    except StorageError as error:
        if not _knows_no_flat_list(error):
            raise
        client.expect_bucket()
        asked = _walk(client, prefix)
        first = next(asked, None)
    if first is None:
        client.expect_bucket()
        return
    yield first
    yield from asked


def _knows_no_flat_list(error: StorageError) -> bool:
    """Tell whether a server from before 1.19 took the question for a new object in a bucket called `list-v2`."""
    refusal = error.__cause__
    if not isinstance(refusal, Refusal):
        return False
    return "bucket not found" in refusal.message.lower() or "not available for your tenant" in refusal.message


def _flat(client: Client, prefix: str) -> Iterator[ObjectInfo]:
    # The server looks for the prefix with SQL's LIKE and escapes nothing: `_` finds any character, and a backslash
    # hides the next one.
    asked: dict[str, Any] = {"prefix": prefix.partition("\\")[0], "limit": _PAGE_ROWS, "with_delimiter": False}
    last = ""
    while True:
        page = client.json("POST", client.list_path("list-v2"), _WHAT, body=asked)
        for row in _rows(client, page.get("objects") if isinstance(page, dict) else page):
            key = str(row["name"])
            if last and key <= last:
                raise _unreliable(client, f"it gave {key!r} behind {last!r}")
            last = key
            if key.startswith(prefix):
                yield _info(key, row)
        if not page.get("hasNext"):
            return
        cursor = page.get("nextCursor")
        if not cursor or cursor == asked.get("cursor"):
            raise _unreliable(client, "its next page is the same page again")
        asked["cursor"] = cursor


def _walk(client: Client, prefix: str) -> Iterator[ObjectInfo]:
    """Walk folder by folder, in byte order; raise where the server mixes folders up."""
    folder = prefix[: prefix.rfind("/") + 1]
    return _folder(client, folder, within=prefix)


def _folder(client: Client, folder: str, *, within: str) -> Iterator[ObjectInfo]:
    for name, row in sorted(_level(client, folder).items()):
        key = folder + name
        if not key.startswith(within):
            continue
        if name.endswith("/"):
            yield from _folder(client, key, within=within)
        else:
            yield _info(key, row)


def _level(client: Client, folder: str) -> dict[str, dict[str, Any]]:
    """Return the rows of one folder by their names, those of folders with a slash."""
    asked: dict[str, Any] = {"prefix": folder, "limit": _PAGE_ROWS, "offset": 0}
    level: dict[str, dict[str, Any]] = {}
    alike = set()
    while True:
        rows = _rows(client, client.json("POST", client.list_path("list"), _WHAT, body=asked))
        for row in rows:
            name = str(row["name"]) + ("/" if row.get("id") is None else "")
            # It looks for a folder without regard to case, and gives the same mixture for each spelling.
            likeness = name.lower() if name.endswith("/") else name
            if name.strip("/") == "" or "/" in name[:-1] or likeness in alike:
                raise _unreliable(client, f"it mixes folders up in {folder or '/'!r} ({name!r})")
            alike.add(likeness)
            level[name] = row
        if len(rows) < _PAGE_ROWS:
            return level
        asked["offset"] += len(rows)


def _rows(client: Client, rows: object) -> list[dict[str, Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "name" in row for row in rows):
        raise _unreliable(client, "its answer has another form than expected")
    return rows


def _info(key: str, row: dict[str, Any]) -> ObjectInfo:
    metadata = row.get("metadata") or {}
    size = metadata.get("size")
    return ObjectInfo(
        key,
        size if isinstance(size, int) else None,
        _time(row.get("updated_at") or row.get("created_at")),
        metadata.get("mimetype"),
    )


def _time(text: object) -> datetime:
    """Return when a row was changed; now, when it does not tell: it may be new."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return datetime.now(UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _unreliable(client: Client, why: str) -> StorageError:
    return StorageError(
        f"{_WHAT}: the list of {client.host} cannot be relied on: {why}",
        fix="Update the Supabase server, or name its S3 endpoint as a storage: that lists exactly.",
    )
