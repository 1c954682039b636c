"""Recording in a real Chromium, with its fake microphone."""

import re
import time

from tests import patient
from tests.pages.tabs import Tab

pytest_plugins = ("tests.pages.chromium",)


def test_a_recording_is_saved_with_its_length(tab: Tab) -> None:
    begun = time.monotonic()
    tab.button("Record").click()
    tab.wait_for(re.compile("0:(0[3-9]|[1-5][0-9])"))
    tab.button("Stop and save").click()
    at_most_s = time.monotonic() - begun
    tab.wait_for("saved on this computer")
    (file,) = patient.get(f"{tab.server.url}/api/v1/sessions/{tab.session_id}").json()["files"]
    assert file["name"].startswith("Recording 20")
    assert file["name"].endswith(".webm")
    assert file["kind"] == "audio"
    assert 2 < stored_length_s(tab, file["content_url"]) < at_most_s + 1
    assert recordings_kept(tab) == 0


def test_a_reload_during_a_recording_loses_at_most_its_last_five_seconds(tab: Tab) -> None:
    tab.button("Record").click()
    tab.wait_for(re.compile("0:(0[7-9]|[1-5][0-9])"))
    tab.page.reload()
    tab.wait_for(re.compile("A recording of 0:(05|[1-5][05]) from"))
    tab.button("Save it").click()
    tab.wait_for("saved on this computer")
    assert len(tab.files()) == 1
    tab.wait_until(lambda: recordings_kept(tab) == 0)


def stored_length_s(tab: Tab, url: str) -> float:
    """Let Chromium itself tell how long a recording is, and play from its middle."""
    script = """url => new Promise((resolve, reject) => {
        const audio = new Audio(url)
        audio.onloadedmetadata = () => { audio.currentTime = audio.duration / 2 }
        audio.onseeked = () => resolve(audio.duration)
        audio.onerror = () => reject(audio.error.message)
    })"""
    seconds: float = tab.page.evaluate(script, url)
    return seconds


def recordings_kept(tab: Tab) -> int:
    script = """() => new Promise((resolve) => {
        indexedDB.open("study-buddy").onsuccess = ({ target }) => {
            const counting = target.result.transaction("chunks").objectStore("chunks").count()
            counting.onsuccess = () => { target.result.close(); resolve(counting.result) }
        }
    })"""
    count: int = tab.page.evaluate(script)
    return count


def test_a_refused_microphone_is_told_plainly(tab: Tab) -> None:
    refuse = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError') }"
    tab.page.evaluate(f"() => {{ {refuse} }}")
    tab.button("Record").click()
    tab.wait_for("The browser did not allow the microphone.")
