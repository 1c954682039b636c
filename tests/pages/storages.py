"""A library in one storage or several, as the storage page shows it."""

import pytest

from studybuddy import server
from studybuddy.library import Library
from tests import samples
from tests.pages.conftest import put
from tests.servers.place import Server as S3Server

DEAD = S3Server("http://127.0.0.1:9", "key", "secret-of-some-length")


def with_s3(monkeypatch: pytest.MonkeyPatch, at: S3Server, *, bucket: str = "study-buddy") -> Library:
    """Open the library again, with a bucket for new files that may not be there yet."""
    named = {"STORAGE": "S3", "STUDY_BUDDY_BUCKET_NAME": bucket, "S3_ENDPOINT_URL": at.url}
    for name, value in {**named, "AWS_ACCESS_KEY_ID": at.access_key, "AWS_SECRET_ACCESS_KEY": at.secret_key}.items():
        monkeypatch.setenv(name, value)
    server.close()
    return server.wiring().library


def fill(library: Library) -> int:
    """Add three files; return the first one's id."""
    session = library.create_session("Optics")
    first = put(library, session.id, "slides.pdf", samples.pdf("light"))
    put(library, session.id, "leaf.png", samples.png(8, 8))
    put(library, session.id, "notes.txt", b"light\n")
    return first.id
