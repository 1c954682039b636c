"""A person's way through the app in a real Chromium: add, find, play, download; on disk, in S3 and across both."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Response, expect

from tests import samples
from tests.pages.server import Server, running
from tests.pages.test_pages import FORMULA, PICTURE
from tests.servers.rclone import ACCESS_KEY, SECRET_KEY, rclone_server

TWO_HOURS_S = 7200
BUCKET = "study-buddy-journey"
PATHS = (
    "/",
    "/add",
    "/sessions",
    "/storage",
    "/costs",
    "/migrate",
    "/trash",
    "/settings",
    "/session?id=1",
    "/session?id=999",
)

pytest_plugins = ("tests.pages.chromium",)


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PDF, a presentation, a photo, a recording of two hours and a folder."""
    folder = tmp_path_factory.mktemp("material")
    (folder / "slides.pdf").write_bytes(samples.pdf("Photosynthesis", pages=12))
    (folder / "talk.pptx").write_bytes(samples.pptx("Photosynthesis"))
    (folder / "leaf.png").write_bytes(samples.png(640, 480))
    (folder / "lecture.wav").write_bytes(samples.long_wav(TWO_HOURS_S))
    (folder / "Field trip").mkdir()
    for number in range(12):
        (folder / "Field trip" / f"note {number:02d}.md").write_text(f"# Note {number}\n")
    return folder


@dataclass
class Tab:
    """One browser tab that notes every request that leaves for another server, and every range that was answered."""

    page: Page
    server: Server
    foreign: list[str] = field(default_factory=list)
    ranges: list[int] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.server.url}{path}")
        self.page.get_by_test_id("stHeading").first.wait_for()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def note(self, response: Response) -> None:
        if response.url.endswith("/content"):
            self.ranges.append(response.status)


@contextmanager
def tab(browser: Browser, server: Server, *, width: int = 1280, scheme: str = "light") -> Iterator[Tab]:
    dark = "dark" if scheme == "dark" else "light"
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=dark)  # type: ignore[arg-type]
    page = context.new_page()
    opened = Tab(page, server)
    own = (server.url, "data:", "blob:", server.url.replace("http", "ws"))
    page.on("request", lambda request: None if request.url.startswith(own) else opened.foreign.append(request.url))
    page.on("response", opened.note)
    yield opened
    assert opened.foreign == []
    context.close()


def add_all(tab: Tab, material: Path) -> None:
    tab.open("/add")
    tab.page.get_by_role("combobox").first.fill("Botany")
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_text("is made with the first file")).to_be_visible()
    expect(tab.button("Choose files")).to_be_enabled()
    names = ("slides.pdf", "talk.pptx", "leaf.png", "lecture.wav")
    tab.page.locator("input[type=file][multiple]:not([webkitdirectory])").set_input_files([material / n for n in names])
    tab.page.get_by_role("link", name="Open “Botany”").wait_for()
    expect(tab.page.get_by_text(re.compile("saved (on|in) "))).to_have_count(4, timeout=30_000)
    tab.page.locator("input[type=file][webkitdirectory]").set_input_files(material / "Field trip")
    expect(tab.page.get_by_text("12 saved", exact=False).first).to_be_visible(timeout=30_000)


def find(tab: Tab, query: str, title: str) -> None:
    tab.open("/sessions")
    tab.page.get_by_test_id("stMain").get_by_label("Search").press_sequentially(query, delay=20)
    link = tab.page.get_by_test_id("stMain").get_by_role("link", name=title)
    expect(tab.page).to_have_url(re.compile(f"query={query}"))
    # While the list is drawn anew, a session may stand there twice.
    expect(link).to_have_count(1)
    link.click()
    expect(tab.page.get_by_role("heading", name=title)).to_be_visible()


def play_from_the_middle(tab: Tab, title: str, *, seconds: int) -> None:
    """Play the one lecture of the session that is open, and come back to it."""
    tab.ranges.clear()
    tab.button("Play").click()
    sound = tab.page.locator("audio").element_handle()
    tab.page.wait_for_function(f"sound => sound.duration > {seconds - 5}", arg=sound)
    sound.evaluate(f"sound => {{ sound.currentTime = {seconds // 2} }}")
    tab.page.wait_for_function(f"sound => sound.currentTime > {seconds // 2} && !sound.paused", arg=sound)
    assert 206 in tab.ranges
    tab.page.go_back()
    expect(tab.page.get_by_role("heading", name=title)).to_be_visible()


def row(tab: Tab, name: str) -> Locator:
    """Return the innermost part of the page that holds a file's name and its buttons."""
    # While a list is drawn anew, a row may still have the link of the one that it was before.
    expect(tab.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    download = tab.page.get_by_role("link", name="Download")
    found = tab.page.locator("div", has=tab.page.get_by_text(name, exact=True)).filter(has=download).last
    expect(found.get_by_role("link", name="Download")).to_have_count(1)
    return found


def downloaded(tab: Tab, name: str) -> str:
    with tab.page.expect_download() as download:
        row(tab, name).get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == name
    return sha256(download.value.path())


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def open_everything(tab: Tab, material: Path) -> None:
    """Find the session, play its lecture from the middle, look at the PDF, and get back the bytes that went in."""
    find(tab, "bota", "Botany")
    play_from_the_middle(tab, "Botany", seconds=TWO_HOURS_S)
    for name in ("slides.pdf", "talk.pptx", "leaf.png", "lecture.wav"):
        assert downloaded(tab, name) == sha256(material / name)
    row(tab, "leaf.png").get_by_role("button", name="Open").click()
    tab.page.wait_for_function("[...document.images].some(image => image.naturalWidth === 640)")
    find(tab, "field", "Field trip")
    assert downloaded(tab, "note 07.md") == sha256(material / "Field trip" / "note 07.md")


def in_s3(endpoint: str) -> dict[str, Any]:
    return {
        "STORAGE": "S3",
        "STUDY_BUDDY_BUCKET_NAME": BUCKET,
        "S3_ENDPOINT_URL": endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    }


def test_from_disk_to_s3_and_back_everything_still_opens(browser: Browser, material: Path, tmp_path: Path) -> None:
    (tmp_path / "s3").mkdir()
    with rclone_server(tmp_path / "s3") as endpoint:
        (tmp_path / "s3" / "data" / BUCKET).mkdir()
        s3 = in_s3(endpoint)
        with running(tmp_path, **{**s3, "STORAGE": "LOCAL"}) as server, tab(browser, server) as at:
            add_all(at, material)
            open_everything(at, material)
        with running(tmp_path, **s3) as server, tab(browser, server) as at:
            at.open("/")
            expect(at.page.get_by_text(f"▲ S3 · {BUCKET}").locator("visible=true").first).to_be_visible()
            open_everything(at, material)
            find(at, "bota", "Botany")
            at.button("Add here").click()
            extra = tmp_path / "late.pdf"
            extra.write_bytes(samples.pdf("Late", pages=3))
            expect(at.button("Choose files")).to_be_enabled()
            at.page.locator("input[type=file][multiple]:not([webkitdirectory])").set_input_files(extra)
            expect(at.page.get_by_text("saved in S3", exact=False).first).to_be_visible(timeout=30_000)
        with running(tmp_path, **{**s3, "STORAGE": "LOCAL"}) as server, tab(browser, server) as at:
            open_everything(at, material)
            find(at, "bota", "Botany")
            assert downloaded(at, "late.pdf") == sha256(extra)


def test_the_same_way_goes_in_s3_alone(browser: Browser, material: Path, tmp_path: Path) -> None:
    (tmp_path / "s3").mkdir()
    with rclone_server(tmp_path / "s3") as endpoint:
        (tmp_path / "s3" / "data" / BUCKET).mkdir()
        with running(tmp_path, **in_s3(endpoint)) as server, tab(browser, server) as at:
            add_all(at, material)
            open_everything(at, material)
    assert not list((tmp_path / "uploads").rglob("*.pdf"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("server")) as server:
        yield server


def make_session(server: Server, title: str, files: dict[str, bytes]) -> int:
    """Make a session by the HTTP API."""
    session_id = int(httpx.post(f"{server.url}/api/v1/sessions", json={"title": title}).raise_for_status().json()["id"])
    for name, content in files.items():
        httpx.post(
            f"{server.url}/api/v1/sessions/{session_id}/files", files={"file": (name, content)}, timeout=30
        ).raise_for_status()
    return session_id


def test_names_stay_text(browser: Browser, server: Server) -> None:
    session_id = make_session(server, f"{FORMULA} {PICTURE}", {PICTURE: b"text", FORMULA: b"text", "a -> b.txt": b"x"})
    for width in (1280, 360):
        with tab(browser, server, width=width) as at:
            for path in ("/sessions", "/", f"/add?session={session_id}", f"/session?id={session_id}"):
                at.open(path)
                expect(
                    at.page.get_by_text("$\\href{javascript:alert(1)}{x}$").locator("visible=true").first
                ).to_be_visible()
                assert at.page.locator("img:not([src*='/thumbnail']), .katex, a[href^='javascript']").count() == 0
            expect(at.page.get_by_text(PICTURE, exact=True)).to_be_visible()
            expect(at.page.get_by_text("a -\u2060> b.txt")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    ["/", "/add", "/sessions", "/trash", "/settings", "/storage", "/session?id=1", "/session?id=999", "/view?file=2"],
)
def test_a_phone_shows_every_page_whole(browser: Browser, server: Server, path: str, scheme: str) -> None:
    make_session(server, "Optics", {"slides.pdf": samples.pdf("light"), "lecture.m4a": samples.m4a(5280)})
    with tab(browser, server, width=360, scheme=scheme) as at:
        at.page.goto(f"{server.url}{path}")
        at.page.locator("[data-testid=stHeading], [data-testid=stAlert]").first.wait_for()
        at.page.wait_for_timeout(300)
        assert at.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 360
        cut = """[...document.querySelectorAll('[data-testid=stMain] button, [data-testid=stMain] a')].filter(
            part => part.getBoundingClientRect().right > 361 || part.getBoundingClientRect().left < -1).length"""
        assert at.page.evaluate(cut) == 0
        assert not at.page.get_by_test_id("stException").count()


def test_a_file_is_thrown_away_and_taken_back_by_keyboard(browser: Browser, server: Server) -> None:
    session_id = make_session(server, "Keys", {"slides.pdf": samples.pdf("light")})
    with tab(browser, server) as at:
        at.open(f"/session?id={session_id}")
        row(at, "slides.pdf").get_by_role("button", name="More").focus()
        at.page.keyboard.press("Enter")
        at.page.get_by_role("menuitem", name="Put in the trash").wait_for()
        while at.page.evaluate("document.activeElement.innerText.trim()") != "Put in the trash":
            at.page.keyboard.press("ArrowDown")
            at.page.wait_for_timeout(50)
        at.page.keyboard.press("Enter")
        at.button("Undo").focus()
        at.page.keyboard.press("Enter")
        expect(at.page.get_by_text("Taken back")).to_be_visible()
        expect(at.page.get_by_text("slides.pdf", exact=True)).to_be_visible()


def test_emptying_the_trash_asks_and_then_deletes(browser: Browser, server: Server) -> None:
    session_id = make_session(server, "To go", {"slides.pdf": samples.pdf("light")})
    httpx.delete(f"{server.url}/api/v1/sessions/{session_id}").raise_for_status()
    with tab(browser, server) as at:
        at.open("/trash")
        at.button("Empty the trash").click()
        dialog = at.page.get_by_role("dialog")
        expect(dialog.get_by_text("This cannot be undone")).to_be_visible()
        dialog.get_by_role("button", name="Empty the trash").click()
        expect(at.page.get_by_text("Nothing is in the trash")).to_be_visible()
    assert httpx.get(f"{server.url}/api/v1/sessions/{session_id}").status_code == 404


def test_filters_stand_in_the_address_and_survive_a_reload(browser: Browser, server: Server) -> None:
    make_session(server, "Filtered", {"slides.pdf": samples.pdf("light")})
    with tab(browser, server) as at:
        at.open("/sessions?query=filt&kind=Documents")
        main = at.page.get_by_test_id("stMain")
        expect(main.get_by_role("link", name="Filtered")).to_be_visible()
        expect(at.page.get_by_text("Filters · 1 set")).to_be_visible()
        at.page.reload()
        expect(main.get_by_role("link", name="Filtered")).to_be_visible()
        assert "kind=Documents" in at.page.url


def test_add_finds_a_session_that_is_like_what_was_typed(browser: Browser, server: Server) -> None:
    make_session(server, "Quantum mechanics", {})
    with tab(browser, server) as at:
        at.open("/add")
        at.page.get_by_role("combobox").first.fill("quantum")
        at.page.get_by_text("Add: quantum", exact=False).click()
        at.page.get_by_role("button", name="Quantum mechanics").click()
        expect(at.page.get_by_role("link", name="Open “Quantum mechanics”")).to_be_visible()
