"""A person's way through a failing S3 in a real Chromium: switched to, down, waited for, back."""

import re
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests import samples
from tests.pages.server import running
from tests.pages.walking import BUCKET, Tab, add_files, in_s3, make_session, tab
from tests.servers.process import free_port
from tests.servers.rclone import rclone_server

pytest_plugins = ("tests.pages.chromium",)


def switch_to_s3(at: Tab) -> None:
    at.open("/storage")
    at.page.get_by_test_id("stRadio").get_by_text(f"S3 · {BUCKET}").click()
    expect(at.page.get_by_text("Only new files are concerned")).to_be_visible()
    at.button("Check and switch").click()
    expect(at.page.get_by_text(re.compile(f"New files go to ▲ S3 · {BUCKET} from now on"))).to_be_visible()
    expect(at.page.get_by_text("Chosen here today")).to_be_visible()


def add(at: Tab, path: Path, saved: str) -> None:
    """Add a file to the only session there is."""
    at.open("/add?session=1")
    add_files(at, path)
    expect(at.page.get_by_text(saved, exact=False).first).to_be_visible()


def test_what_is_added_while_s3_is_down_moves_there_when_it_is_back(browser: Browser, tmp_path: Path) -> None:
    for name in ("first.pdf", "second.pdf"):
        (tmp_path / name).write_bytes(samples.pdf(name, pages=2))
    (tmp_path / "s3" / "data" / BUCKET).mkdir(parents=True)
    port = free_port()
    with ExitStack() as s3:
        endpoint = s3.enter_context(rclone_server(tmp_path / "s3", port=port))
        with running(tmp_path, **{**in_s3(endpoint), "STORAGE": "LOCAL"}) as server, tab(browser, server) as at:
            make_session(server, "Optics", {})
            switch_to_s3(at)
            add(at, tmp_path / "first.pdf", "saved in S3")
            s3.close()
            add(at, tmp_path / "second.pdf", "saved on this computer")
            at.open("/storage")
            expect(at.page.get_by_text(f"▲ S3 · {BUCKET} cannot be used now")).to_be_visible()
            expect(at.page.get_by_text("second.pdf", exact=True)).to_be_visible()
            assert at.page.get_by_text("All is well").count() == 0
            with rclone_server(tmp_path / "s3", port=port):
                # Nobody clicks: the page finds out by itself, and the outbox with it.
                expect(at.page.get_by_text("All is well")).to_be_visible()
                expect(at.page.get_by_role("button", name=f"Only in S3 · {BUCKET} · 2 files")).to_be_visible()
                expect(at.page.get_by_text("second.pdf", exact=True)).to_have_count(0)
                make_session(server, "Added elsewhere", {"third.txt": b"third"})
                moved = at.page.get_by_role("button", name=f"Only in S3 · {BUCKET} · 3 files")
                expect(moved).to_be_visible()
    assert len([path for path in (tmp_path / "s3" / "data").rglob("*.pdf") if path.stat().st_size]) == 2
    assert not list((tmp_path / "uploads").rglob("*.pdf"))
