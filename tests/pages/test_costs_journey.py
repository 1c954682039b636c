"""A person works out what a course would cost, and sends the address to somebody."""

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.pages.server import running
from tests.pages.walking import Tab, at_rest, tab

pytest_plugins = ("tests.pages.chromium",)


def total(at: Tab) -> str:
    heading = at.page.get_by_role("heading", name=re.compile(r"\$.* a month$"))
    expect(heading).to_have_count(1)
    at_rest(at)
    return heading.inner_text()


def test_a_what_if_is_shared_by_its_address(browser: Browser, tmp_path: Path) -> None:
    with running(tmp_path) as server:
        with tab(browser, server) as mine:
            mine.open("/costs")
            usual = total(mine)
            mine.page.get_by_text("A link to this what-if").click()
            link = mine.page.get_by_test_id("stCode").filter(has_text="mb_an_hour=")
            mine.page.get_by_role("slider", name="Size of recordings").press("End")
            # The link comes behind the bill, so that the bill is the new one when it has changed.
            expect(link).to_contain_text("mb_an_hour=3000")
            changed, shared = total(mine), link.inner_text().strip()
            assert changed != usual
            expect(mine.page).to_have_url(re.compile("mb_an_hour=3000"))
        with tab(browser, server, width=390, scheme="dark") as theirs:
            theirs.open(shared.removeprefix(server.url))
            expect(theirs.page.get_by_role("heading", name=changed, exact=True)).to_be_visible()
            theirs.page.get_by_role("tab", name="Providers").click()
            expect(theirs.page.get_by_text("Cloudflare R2").filter(visible=True)).to_have_count(1)
