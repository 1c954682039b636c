"""A person types a word and opens the page, and the moment, where it is."""

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests import patient, samples
from tests.pages.server import Server, running
from tests.pages.walking import Tab, tab
from tests.waiting import awaited

pytest_plugins = ("tests.pages.chromium",)

_SPOKEN = "WEBVTT\n\n00:00.000 --> 00:08.000\nWelcome to the lecture\n\n00:08.000 --> 00:10.000\nInertia resists\n"


def add(server: Server, name: str, content: bytes) -> int:
    sent = patient.post(f"{server.url}/api/v1/sessions/1/files", content=content, headers={"X-File-Name": name})
    file_id: int = sent.raise_for_status().json()["results"][0]["file"]["id"]
    return file_id


def wait_until_found(server: Server, word: str, file_id: int) -> None:
    address = f"{server.url}/api/v1/search"
    awaited(
        lambda: patient.get(address, params={"q": word}).raise_for_status().json()["results"],
        lambda found: any(one["file"]["id"] == file_id for one in found),
    )


def search(at: Tab, word: str) -> None:
    box = at.page.get_by_placeholder("Any word")
    box.fill("")
    box.press_sequentially(word, delay=10)
    expect(at.page).to_have_url(re.compile(f"q={word}"))


def fill(server: Server) -> tuple[int, int, int]:
    """Add slides, a talk with captions and a memo with a text; return their ids when all is found."""
    patient.post(f"{server.url}/api/v1/sessions", json={"title": "Physics"}).raise_for_status()
    slides = add(server, "slides.pdf", samples.pdf_of(["Heat", "Work", "All about entropy <b>here</b>"]))
    talk = add(server, "talk.wav", samples.wav(12))
    add(server, "talk.vtt", _SPOKEN.encode())
    wait_until_found(server, "entropy", slides)
    memo = add(server, "memo.wav", samples.wav(11))
    add(server, "memo.txt", b"Momentum is kept.\n\nForces are gone.\n")
    wait_until_found(server, "inertia", talk)
    wait_until_found(server, "momentum", memo)
    return slides, talk, memo


def test_a_hit_opens_the_page_and_the_second_where_it_is(browser: Browser, tmp_path: Path) -> None:
    with running(tmp_path) as server:
        slides, talk, memo = fill(server)
        for width, scheme in ((1280, "light"), (390, "dark")):
            with tab(browser, server, width=width, scheme=scheme) as person:
                person.open("/search")
                search(person, "entrop")
                expect(person.page.get_by_text("entropy", exact=True)).to_have_count(1)
                expect(person.page.get_by_text("<b>here</b>")).to_be_visible()
                person.page.get_by_role("link", name="Page 3").click()
                expect(person.page).to_have_url(re.compile(rf"/view\?file={slides}&page=3$"))
                person.page.go_back()
                expect(person.page.get_by_placeholder("Any word")).to_have_value("entrop")
                expect(person.page.get_by_role("link", name="Page 3")).to_have_count(1)
                search(person, "inertia")
                person.page.get_by_role("link", name="0:08").click()
                expect(person.page).to_have_url(re.compile(rf"/view\?file={talk}&t=5$"))
                person.page.go_back()
                search(person, "momentum")
                person.page.get_by_role("link", name="Transcript").click()
                expect(person.page).to_have_url(re.compile(rf"/view\?file={memo}&t=0$"))
                expect(person.page.get_by_text("From a text without times")).to_be_visible()
                expect(person.page.locator(".paragraph")).to_have_text(["Momentum is kept.", "Forces are gone."])
