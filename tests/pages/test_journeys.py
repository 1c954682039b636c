"""A person's way through the app in a real Chromium: add, find, play, download; on disk, in S3 and across both."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests import samples
from tests.pages.server import running
from tests.pages.walking import (
    BUCKET,
    Tab,
    add_files,
    at_rest,
    downloaded,
    find,
    in_s3,
    play_from_the_middle,
    row,
    sha256,
    tab,
)
from tests.servers.rclone import rclone_server

TWO_HOURS_S = 7200

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


def add_all(tab: Tab, material: Path) -> None:
    tab.open("/add")
    tab.page.get_by_role("combobox").first.fill("Botany")
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_text("is made with the first file")).to_be_visible()
    add_files(tab, *(material / name for name in ("slides.pdf", "talk.pptx", "leaf.png", "lecture.wav")))
    tab.page.get_by_role("link", name="Open “Botany”").wait_for()
    expect(tab.page.get_by_text(re.compile("saved (on|in) "))).to_have_count(4)
    at_rest(tab)
    tab.page.locator("input[type=file][webkitdirectory]").set_input_files(material / "Field trip")
    expect(tab.page.get_by_text("12 saved", exact=False).first).to_be_visible()


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
            add_files(at, extra)
            expect(at.page.get_by_text("saved in S3", exact=False).first).to_be_visible()
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
