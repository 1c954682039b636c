"""The uploader in a real Chromium, on the real API."""

import os
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Route

from studybuddy.units import MIB
from tests import patient
from tests.pages.server import UPLOADER_APP, Server, running
from tests.pages.tabs import Tab, drop, make, tab_on

pytest_plugins = ("tests.pages.chromium",)
SLICE_BYTES = 8 * MIB
# So slowly that a busy computer has seconds left to do something in the middle; and as fast as it goes.
SLOWLY, FAST = 10 * MIB, 500 * MIB


def test_several_files_are_saved_and_python_is_told(tab: Tab, tmp_path: Path) -> None:
    tab.add(*make(tmp_path, "slides.pdf", "naïve “notes”.md", "פתק.txt"))
    tab.wait_for("told of 3 files")
    assert tab.rows().filter(has_text="saved on this computer").count() == 3
    assert tab.files() == {"slides.pdf": 3000, "naïve “notes”.md": 3000, "פתק.txt": 3000}


def test_nothing_is_asked_from_another_host(tab: Tab, tmp_path: Path) -> None:
    tab.add(*make(tmp_path, "one.txt"))
    tab.wait_for("saved on this computer")
    foreign = [url for url in tab.requested if not url.startswith((tab.server.url, "data:", "blob:"))]
    assert foreign == []


def test_a_file_name_is_shown_as_text_only(tab: Tab, tmp_path: Path) -> None:
    tab.add(*make(tmp_path, "<img src=x onerror=alert(1)>.txt"))
    tab.wait_for("saved on this computer")
    assert tab.page.locator(".uploader img").count() == 0
    assert "<img src=x onerror=alert(1)>.txt" in tab.text()


def test_a_folder_of_thirty_files_is_saved(tab: Tab, tmp_path: Path) -> None:
    week = tmp_path / "Week 1"
    week.mkdir()
    make(week, *(f"page {number}.txt" for number in range(30)))
    make(week, ".DS_Store")
    tab.page.locator("input[webkitdirectory]").set_input_files(week)
    tab.wait_for("30 saved")
    assert len(tab.files()) == 30
    assert "1 system file left out: Week 1/.DS_Store" in tab.text()


def test_a_dropped_tree_is_walked_to_its_end_and_empty_folders_are_told(tab: Tab, tmp_path: Path) -> None:
    deep = tmp_path / "Course" / "Week 2"
    deep.mkdir(parents=True)
    (tmp_path / "Course" / "Week 3").mkdir()
    make(deep, *(f"{number}.txt" for number in range(120)), size=200)
    drop(tab, tmp_path / "Course", *make(tmp_path, "beside.txt"))
    tab.wait_for("121 saved")
    assert len(tab.files()) == 121
    assert "1 empty folder had nothing to add: Course/Week 3" in tab.text()


def test_of_two_hundred_small_files_a_hundred_are_listed_when_asked_for(tab: Tab, tmp_path: Path) -> None:
    tab.add(*make(tmp_path, *(f"{number:03}.txt" for number in range(200))))
    tab.wait_for("200 saved")
    assert len(tab.files()) == 200
    assert tab.rows().count() == 0
    tab.button("show").click()
    tab.wait_until(lambda: tab.rows().count() == 100)
    assert "and 100 more files" in tab.text()


def test_a_lost_connection_needs_no_click_and_no_byte_twice_but_the_last_slice(tab: Tab, tmp_path: Path) -> None:
    before = tab.received_bytes()
    tab.slow_down(SLOWLY)
    tab.add(*make(tmp_path, "lecture.bin", size=100 * MIB))
    tab.wait_until(lambda: tab.percent() >= 20)
    tab.slow_down(SLOWLY, offline=True)
    tab.wait_for("goes on by itself when it is back")
    tab.page.wait_for_timeout(2000)
    tab.slow_down(FAST)
    tab.wait_for("saved on this computer")
    assert tab.files() == {"lecture.bin": 100 * MIB}
    assert tab.received_bytes() - before <= 100 * MIB + SLICE_BYTES


def test_after_a_reload_the_same_file_goes_on_where_it_was(tab: Tab, tmp_path: Path) -> None:
    before = tab.received_bytes()
    tab.slow_down(SLOWLY)
    (lecture,) = make(tmp_path, "lecture.bin", size=100 * MIB)
    tab.add(lecture)
    tab.wait_until(lambda: tab.percent() >= 20)
    tab.page.reload()
    tab.wait_for("lecture.bin stopped at")
    tab.slow_down(FAST)
    tab.add(lecture)
    tab.wait_for("saved on this computer")
    assert tab.page.locator(".earlier").is_hidden()
    assert tab.files() == {"lecture.bin": 100 * MIB}
    assert tab.received_bytes() - before <= 100 * MIB + SLICE_BYTES


def test_a_killed_server_that_comes_back_needs_no_click(browser: Browser, tmp_path: Path) -> None:
    (lecture,) = make(tmp_path, "lecture.bin", size=60 * MIB)
    with running(tmp_path, script=UPLOADER_APP) as first, tab_on(first, browser) as tab:
        tab.open()
        tab.slow_down(SLOWLY)
        tab.add(lecture)
        tab.wait_until(lambda: tab.percent() >= 20)
        first.process.kill()
        tab.wait_for("trying again in")
        tab.slow_down(FAST)
        with running(tmp_path, script=UPLOADER_APP, port=int(first.url.rpartition(":")[2])):
            tab.wait_for("saved on this computer")
            assert tab.files() == {"lecture.bin": 60 * MIB}
            assert tab.received_bytes() < 60 * MIB


def test_another_tab_hears_at_once_when_this_one_sends_and_when_it_is_closed(tab: Tab, tmp_path: Path) -> None:
    tab.slow_down(5 * MIB)
    name = f"{tab.session_id}.bin"
    tab.add(*make(tmp_path, name, size=100 * MIB))
    tab.wait_until(lambda: tab.percent() > 0)
    assert tab.page.evaluate("Object.keys(localStorage).some((key) => key.startsWith('study-buddy.tab:'))")
    other = Tab(tab.context.new_page(), tab.context, tab.server, tab.session_id)
    other.open()
    other.add(*make(tmp_path, "small.txt"))
    other.wait_for("saved on this computer")
    assert f"{name} stopped" not in other.text()
    tab.page.close()
    other.wait_for(f"{name} stopped at")


def test_another_browser_goes_on_with_the_same_file_and_refuses_another(
    uploader_server: Server, browser: Browser, tab: Tab, tmp_path: Path
) -> None:
    lecture, wrong = make(tmp_path, "lecture.bin", size=60 * MIB)[0], make(tmp_path, "wrong.bin")[0]
    tab.slow_down(SLOWLY)
    tab.add(lecture)
    tab.wait_until(lambda: tab.percent() >= 20)
    tab.page.close()
    with tab_on(uploader_server, browser) as other:
        other.open(f"session={tab.session_id}")
        other.wait_for("lecture.bin stopped at")
        line = other.page.locator(".earlier .line").filter(has_text="lecture.bin")
        for file in (wrong, lecture):
            with other.page.expect_file_chooser() as chooser:
                line.get_by_role("button", name="Choose it again").click()
            chooser.value.set_files(file)
        assert "“wrong.bin” is not the file that stopped" in other.text()
        other.wait_for("saved on this computer")
    assert tab.files() == {"lecture.bin": 60 * MIB}


def test_pause_stops_and_go_on_finishes_across_reruns_and_pages(tab: Tab, tmp_path: Path) -> None:
    tab.slow_down(SLOWLY)
    tab.add(*make(tmp_path, "lecture.bin", size=100 * MIB))
    tab.wait_until(lambda: tab.percent() >= 10)
    tab.button("Pause lecture.bin").click()
    tab.wait_for("paused at")
    tab.page.wait_for_timeout(500)
    standing = tab.received_bytes()
    tab.button("Run again").click()
    tab.wait_for("2 runs")
    assert "paused at" in tab.text()
    assert tab.received_bytes() == standing
    tab.button("Go on with lecture.bin").click()
    tab.wait_until(lambda: tab.received_bytes() > standing)
    tab.page.get_by_role("link", name="Other").click()
    tab.wait_for("Nothing is added here")
    left_at = tab.received_bytes()
    tab.wait_until(lambda: tab.received_bytes() > left_at + SLICE_BYTES)
    tab.slow_down(FAST)
    tab.page.go_back()
    tab.wait_for("saved on this computer")
    assert tab.files() == {"lecture.bin": 100 * MIB}


def test_cancel_asks_before_many_bytes_are_thrown_away(tab: Tab, tmp_path: Path) -> None:
    tab.slow_down(SLOWLY)
    tab.add(*make(tmp_path, "lecture.bin", size=60 * MIB))
    tab.wait_until(lambda: tab.percent() >= 20)
    tab.button("Cancel lecture.bin").click()
    tab.wait_for("sent so far?")
    # Not of what other tests have left.
    tab.row("lecture.bin").get_by_role("button", name="Throw away").click()
    tab.wait_until(lambda: tab.rows().count() == 0)
    tab.wait_until(lambda: "lecture.bin" not in patient.get(f"{tab.server.url}/api/v1/uploads").text)
    assert tab.files() == {}


def test_a_file_that_is_too_large_is_refused_at_once_and_the_rest_is_saved(tab: Tab, tmp_path: Path) -> None:
    before = tab.received_bytes()
    with (tmp_path / "huge.bin").open("wb") as huge:
        huge.truncate(201 * MIB)
    tab.add(tmp_path / "huge.bin", *make(tmp_path, "a.txt", "b.txt"))
    tab.wait_until(lambda: len(tab.files()) == 2)
    assert "larger than 210 MB" in tab.row("huge.bin").inner_text()
    assert tab.received_bytes() - before == 6000


def test_a_file_that_the_server_refuses_does_not_lose_the_rest(tab: Tab, tmp_path: Path) -> None:
    refuse = '{"error": {"code": "no_space", "message": "The disk is full", "fix": "Free some space."}}'
    token = {"refusing": True}

    def answer(route: Route) -> None:
        bad = b"YmFkLnR4dA==" in route.request.headers["upload-metadata"].encode()
        if bad and token["refusing"] and route.request.method == "POST":
            route.fulfill(status=507, content_type="application/json", body=refuse)
        else:
            route.continue_()

    tab.page.route("**/api/v1/uploads/", answer)
    tab.add(*make(tmp_path, "a.txt", "bad.txt", "c.txt"))
    tab.wait_until(lambda: len(tab.files()) == 2)
    assert "The disk is full. Free some space." in tab.row("bad.txt").inner_text()
    token["refusing"] = False
    tab.button("Try bad.txt again").click()
    tab.wait_until(lambda: len(tab.files()) == 3)


def test_a_lost_answer_makes_no_second_file(tab: Tab, tmp_path: Path) -> None:
    lost: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().text())
        route.abort()

    tab.page.route("**/api/v1/uploads/", lose_the_first_answer)
    tab.add(*make(tmp_path, "once.txt"))
    tab.wait_for("saved on this computer")
    session = patient.get(f"{tab.server.url}/api/v1/sessions/{tab.session_id}").json()
    assert [file["name"] for file in session["files"]] == ["once.txt"]
    assert "same file" not in tab.text()


def test_duplicates_are_told_and_the_choice_is_done(tab: Tab, tmp_path: Path) -> None:
    first, second = make(tmp_path, "first.txt", "second.txt")
    tab.add(first, second)
    tab.wait_for("told of 2 files")
    tab.open()
    tab.add(first)
    tab.wait_for("The same file is already in this session.")
    tab.button("Keep both").click()
    tab.wait_for("Both are kept.")
    tab.add(second)
    tab.row("second.txt").get_by_role("button", name="Use that one").click()
    tab.wait_for("The one that was there is used.")
    names = [file["name"] for file in patient.get(f"{tab.server.url}/api/v1/sessions/{tab.session_id}").json()["files"]]
    assert sorted(names) == ["first.txt", "first.txt", "second.txt"]


def test_a_contradicting_name_is_told(tab: Tab, tmp_path: Path) -> None:
    (tmp_path / "lecture.mp3").write_bytes(b"%PDF-1.7\n" + os.urandom(2000))
    tab.add(tmp_path / "lecture.mp3")
    tab.wait_for("saved on this computer")
    assert "PDF" in tab.row("lecture.mp3").locator(".note").inner_text()


def test_a_new_title_makes_one_session_with_the_first_file(tab: Tab, tmp_path: Path) -> None:
    title = f"Thermodynamics {uuid4().hex}"  # another one when the test is tried once more
    tab.open(f"title={title}")
    tab.add(*make(tmp_path, *(f"{number}.txt" for number in range(8))))
    tab.wait_for("8 saved")
    tab.wait_until(lambda: "made session None" not in tab.page.get_by_text("runs, told of").inner_text())
    found = patient.get(f"{tab.server.url}/api/v1/sessions", params={"query": title}).json()["sessions"]
    assert [(session["title"], session["file_count"]) for session in found] == [(title, 8)]


@pytest.mark.parametrize("named", ["title=Never made", "session="])
def test_a_folder_that_becomes_a_session_needs_no_other(tab: Tab, tmp_path: Path, named: str) -> None:
    tab.open(f"{named}&folders=session")
    week = tmp_path / f"Week of {named} {uuid4().hex}"
    week.mkdir()
    make(week, "a.txt", "b.txt")
    drop(tab, week)
    tab.wait_for("told of 2 files")
    tab.wait_for("folders became 1 session")
    found = patient.get(f"{tab.server.url}/api/v1/sessions").json()["sessions"]
    assert [session["file_count"] for session in found if session["title"] == week.name] == [2]
    assert "Never made" not in {session["title"] for session in found}


def test_without_a_session_nothing_can_be_added(tab: Tab) -> None:
    tab.open("session=")
    tab.wait_for("Choose a session first")
    assert tab.button("Choose files").is_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_screen_cuts_nothing_off(
    uploader_server: Server, browser: Browser, tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    phone = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
    with tab_on(uploader_server, browser, color_scheme=scheme, **phone) as tab:
        tab.open()
        tab.add(*make(tmp_path, "a very long name of a lecture that nobody would ever type by hand, part 7.txt"))
        tab.wait_for("saved on this computer")
        assert tab.page.evaluate("document.scrollingElement.scrollWidth") <= 360
        heights = tab.page.locator(".uploader button:visible").evaluate_all("all => all.map((one) => one.offsetHeight)")
    assert min(heights) >= 44
