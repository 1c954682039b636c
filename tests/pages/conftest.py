"""A library of a test's own, open as the pages see it."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from studybuddy import server
from studybuddy.adding.new_files import NewFile
from studybuddy.catalog.records import File
from studybuddy.library import Library
from tests.pages.server import ROOT
from tests.waiting import PATIENCE_S


@pytest.fixture(autouse=True)
def main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this process's main module: AppTest puts a page in its place, which each new process would run first."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    monkeypatch.chdir(tmp_path)  # away from the developer's own .env
    monkeypatch.setenv("STORAGE", "LOCAL")
    monkeypatch.setenv("UPLOADS_DIR", str(tmp_path / "uploads"))
    monkeypatch.setenv("STUDY_BUDDY_DATA", str(tmp_path / "data"))
    server.close()
    yield server.wiring().library
    server.close()


@pytest.fixture
def app(library: Library) -> AppTest:
    """The frame with the home page; `switch_page` opens another."""
    app = AppTest.from_file(str(ROOT / "pages/main.py"), default_timeout=PATIENCE_S)
    app.context = {"url": "http://localhost:8501/", "timezone_offset": 0}
    return app


def put(library: Library, session_id: int, name: str, content: bytes) -> File:
    """Add a file to a session."""
    return library.add(io.BytesIO(content), NewFile(name, session_id)).file


@pytest.fixture
def with_folder(library: Library, tmp_path: Path) -> Library:
    """A library with a second storage, which takes files: a folder as of another disk."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "storages.toml").write_text(f'[disk]\nkind = "local"\nfolder = "{tmp_path}/disk"\n')
    server.close()
    return server.wiring().library
