"""The components' files as they are served, and the uploader's side in Python."""

import shutil
import subprocess
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.components import FOLDER, component_files, stub, uploader, versioned
from pages.components.uploader import UploaderEvent

_SCRIPTS = sorted(FOLDER.rglob("*.js"))


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=[component_files()]))


def test_a_script_is_served_with_its_type_and_asked_about_anew_at_each_load(client: TestClient) -> None:
    answer = client.get(versioned("uploader/uploader.js"))
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    again = client.get("/components/uploader/uploader.js", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["__init__.py", "uploader/__init__.py", "uploader", "uploader/none.js", "../main.py"])
def test_nothing_but_scripts_and_styles_is_served(client: TestClient, path: str) -> None:
    assert client.get(f"/components/{path}").status_code == 404


@pytest.mark.parametrize("script", _SCRIPTS, ids=[str(path.relative_to(FOLDER)) for path in _SCRIPTS])
def test_a_script_has_no_mistake_in_its_form(script: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node to read JavaScript")
    command = [node, "--input-type=module", "--check"]
    subprocess.run(command, input=script.read_bytes(), check=True, capture_output=True)


def test_no_script_puts_text_into_the_page_as_markup() -> None:
    markup = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write")
    assert [path.name for path in _SCRIPTS if any(word in path.read_text() for word in markup)] == []


def test_what_the_browser_says_is_taken_only_in_its_right_form() -> None:
    upload_id = "0123456789abcdef" * 2
    told = {"uploads": [upload_id, "../x", 7, None], "session": 3, "folders": [5, "6", True]}
    assert uploader._event(told) == UploaderEvent(upload_ids=(upload_id,), session_id=3, folder_ids=(5,))
    assert uploader._event({"uploads": [], "session": 4}) == UploaderEvent(upload_ids=(), session_id=4)


@pytest.mark.parametrize("told", [None, [], "x", {}, {"uploads": "abc", "session": True}, {"uploads": [{}]}])
def test_nonsense_from_the_browser_is_no_news(told: object) -> None:
    assert uploader._event(told) is None


def test_little_crosses_the_websocket_at_a_rerun() -> None:
    assert len(stub("uploader")) < 1000
