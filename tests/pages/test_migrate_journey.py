"""A person's way through a move in a real Chromium: planned, left in the middle, found done, played, taken back."""

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests import patient, samples
from tests.cli.conftest import Shell
from tests.cli.test_demo import demo
from tests.pages.server import Server, running
from tests.pages.walking import BUCKET, Tab, find, in_s3, play_from_the_middle, tab
from tests.servers.rclone import rclone_server
from tests.waiting import awaited

pytest_plugins = ("tests.pages.chromium",)

LECTURE_S = 125  # the demo's recording about photosynthesis


def fill(server: Server) -> None:
    """Make a session with a lecture and some slides."""
    session = patient.post(f"{server.url}/api/v1/sessions", json={"title": "Botany"}).json()
    lecture = patient.post(f"{server.url}/api/v1/lectures", json={"session_id": session["id"], "title": "Light"}).json()
    recording = patient.post(
        f"{server.url}/api/v1/lectures/{lecture['id']}/upload-audio",
        files={"file": ("light.wav", samples.wav(150, hertz=16000), "audio/wav")},
    )
    recording.raise_for_status()
    for number in range(6):
        added = patient.post(
            f"{server.url}/api/v1/sessions/{session['id']}/files",
            content=samples.pdf(f"Week {number}", pages=2), headers={"X-File-Name": f"week {number}.pdf"},
        )  # fmt: skip
        added.raise_for_status()


def recording_in_demo(server: Server) -> int:
    """Return the id of the demo's recording about photosynthesis."""
    (session,) = patient.get(f"{server.url}/api/v1/sessions", params={"query": "Photosynthesis"}).json()["sessions"]
    files = patient.get(f"{server.url}/api/v1/sessions/{session['id']}/files").json()["files"]
    (found,) = [file["id"] for file in files if file["kind"] == "audio"]
    return int(found)


def plan(at: Tab) -> None:
    at.open("/storage")
    at.page.get_by_role("link", name="Move its files").first.click()
    expect(at.page.get_by_role("heading", name="Migrate")).to_be_visible()
    at.page.get_by_text("Only some of it, in which order, how fast").click()
    rate = at.page.get_by_label("No faster than (MB a second)")
    rate.fill("0.1")
    rate.press("Enter")
    at.button("Show the plan").click()
    expect(at.page.get_by_role("heading", name=re.compile(r"12 files · 1\.6 MB · about"))).to_be_visible()
    expect(at.page.get_by_text("Recordings: 3 files")).to_be_visible()


def stored_in(server: Server, file_id: int) -> str:
    found: str = patient.get(f"{server.url}/api/v1/files/{file_id}").json()["stored_in"]
    return found


def play(at: Tab) -> None:
    find(at, "photo", "Photosynthesis")
    play_from_the_middle(at, "Photosynthesis", seconds=LECTURE_S)


def test_a_move_of_the_demo_goes_on_behind_a_closed_tab_and_is_taken_back(browser: Browser, tmp_path: Path) -> None:
    with demo(Shell(tmp_path)) as started:
        server = Server(started.told["url"], started.process, tmp_path / "no.log")  # type: ignore[arg-type]
        recording = recording_in_demo(server)
        with tab(browser, server) as at:
            plan(at)
            at.button("Move").click()
            expect(at.page.get_by_role("heading", name="Moving")).to_be_visible()
            expect(at.page.get_by_text(re.compile(r"Copying .+ \("))).to_be_visible()
            address = at.page.url.removeprefix(server.url)
        assert is_running(server)  # the tab is closed in the middle
        with tab(browser, server) as at:
            at.open(address)
            # Nobody clicks: the page finds out by itself.
            expect(at.page.get_by_role("heading", name="Moved", exact=True)).to_be_visible()
            expect(at.page.get_by_text("12 of 12 files")).to_be_visible()
            assert stored_in(server, recording) == "S3 · study-buddy-demo"
            play(at)
            at.open(address)
            at.page.get_by_role("button", name="Undo").click()
            at.button("Take it back").click()
            expect(at.page.get_by_role("heading", name="Taken back")).to_be_visible()
            assert stored_in(server, recording) == "this computer"
            play(at)
            at.open(address)
            at.button("Clean up…").click()
            expect(at.page.get_by_text("They are kept until")).to_be_visible()
            at.page.get_by_label("Type “delete” to go on").fill("delete")
            at.page.keyboard.press("Enter")
            expect(at.button("Delete the copies")).to_be_disabled()
        refused = patient.post(f"{server.url}/api/v1/migrations/1/clean-up")
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")


def is_running(server: Server) -> bool:
    state: str = patient.get(f"{server.url}/api/v1/migrations/1").json()["state"]
    return state == "running"


def test_a_stopped_server_leaves_a_move_waiting_to_go_on(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "s3" / "data" / BUCKET).mkdir(parents=True)
    with rclone_server(tmp_path / "s3") as endpoint:
        settings = {**in_s3(endpoint), "STORAGE": "LOCAL"}
        with running(tmp_path, **settings) as server:
            fill(server)
            asked = {"from": "local", "to": "s3", "quick": True, "bytes_per_second": 400_000}
            patient.post(f"{server.url}/api/v1/migrations", json=asked).raise_for_status()
            patient.post(f"{server.url}/api/v1/migrations/1/run").raise_for_status()
            awaited(lambda: is_running(server))
            server.process.kill()
        with running(tmp_path, **settings) as server, tab(browser, server) as at:
            at.open("/migrate")
            at.page.get_by_role("link", name="Open").click()
            expect(at.page).to_have_url(re.compile("id=1"))  # else the next click would lead back
            expect(at.page.get_by_text("The app was closed while it ran.")).to_be_visible()
            at.button("Resume").click()
            expect(at.page.get_by_role("heading", name="Moving")).to_be_visible()
            at.button("Pause").click()
            expect(at.page.get_by_role("heading", name="Waiting to go on")).to_be_visible()
            # Begun again elsewhere, e.g. in another tab: this one finds out by itself.
            patient.post(f"{server.url}/api/v1/migrations/1/run").raise_for_status()
            expect(at.page.get_by_role("heading", name=re.compile("Moving|Moved"))).to_be_visible()
