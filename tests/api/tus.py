"""A tus client of a few lines, to say things that the official ones never say."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import httpx

from tests.waiting import awaited

VERSION = {"Tus-Resumable": "1.0.0"}
SLICE = {**VERSION, "Content-Type": "application/offset+octet-stream"}


def metadata(**values: object) -> str:
    return ",".join(f"{key} {b64encode(str(value).encode()).decode()}" for key, value in values.items())


def create(client: httpx.Client, length: int, **values: object) -> str:
    """Begin an upload; return its path."""
    values = {"filename": "a.bin", **values}
    headers = {**VERSION, "Upload-Length": str(length), "Upload-Metadata": metadata(**values)}
    answer = client.post("/api/v1/uploads/", headers=headers)
    assert answer.status_code == 201, answer.text
    return f"/api/v1/uploads/{answer.headers['location']}"


def patch(
    client: httpx.Client, path: str, offset: int, data: bytes, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    return client.patch(path, content=data, headers={**SLICE, "Upload-Offset": str(offset), **(headers or {})})


def offset(client: httpx.Client, path: str) -> int:
    return int(client.head(path, headers=VERSION).headers["upload-offset"])


def settled(client: httpx.Client, path: str) -> dict[str, Any]:
    """Wait until an upload is saved or has failed; return what became of it."""
    return awaited(lambda: dict(client.get(path).json()), lambda found: found["state"] in {"saved", "failed"})
