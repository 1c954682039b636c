"""The Supabase server of the tests as a process, seen from a test."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from studybuddy.settings.places import Secret, SupabaseSettings
from tests import patient
from tests.servers.process import free_port, running
from tests.servers.supabase_keys import signed_key


@dataclass(frozen=True, slots=True)
class Supabase:
    """The server, seen from a test."""

    url: str

    def at(self, url: str) -> "Supabase":
        """Return the same server by another way, e.g. through a proxy."""
        return replace(self, url=url)

    def new_bucket(self, name: str = "") -> str:
        name = name or f"bucket {uuid4().hex[:12]}"
        self._tell("bucket", name=name)
        return name

    def put(self, bucket: str, key: str, data: bytes | None, *, content_type: str | None = "application/pdf") -> None:
        """Put an object there: without `data` a row without bytes, without a type a row that tells nothing."""
        self._tell("object", data or b"", bucket=bucket, key=key, type=content_type or "", bytes=data is not None)

    def traps(self, **traps: object) -> None:
        """Switch traps on; all others are off then."""
        self._tell("traps", json.dumps(traps).encode())

    def settings(self, bucket: str, *, key: str = "") -> SupabaseSettings:
        return SupabaseSettings(self.url, bucket, Secret(key or signed_key()))

    def _tell(self, what: str, content: bytes = b"", **params: Any) -> None:
        _teller().post(f"{self.url}/_test/{what}", content=content, params=params).raise_for_status()


@cache
def _teller() -> httpx.Client:
    return httpx.Client(timeout=patient.TIMEOUT_S)  # making one takes longer than many requests


@contextmanager
def supabase_server(folder: Path) -> Iterator[Supabase]:
    """Run the server as a process."""
    port = free_port()
    command = [sys.executable, "-m", "tests.servers.supabase_app", "--port", str(port)]
    with running(command, port=port, log=folder / "supabase.log"):
        yield Supabase(f"http://127.0.0.1:{port}")
