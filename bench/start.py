"""Time the start of the app beside an empty Streamlit app: `python bench/start.py [--rounds N]`. Needs Chromium."""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

_ROOT = Path(__file__).parent.parent
_READY_GOAL, _PAGE_GOAL = 1.3, 1.5
_TIMEOUT_S = 60
_SHOWS = "words => [...document.querySelectorAll('h1, h2, h3')].some(title => title.textContent.trim() === words)"
_EMPTY = 'import streamlit as st\n\nst.title("Welcome")\n'


@dataclass(frozen=True, slots=True)
class App:
    """An app to start, and the words that its first page shows."""

    name: str
    script: Path
    words: str


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds from the start of the process, and from the call of the page in a new browser profile."""

    ready: float
    page: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        empty = Path(work) / "empty.py"
        empty.write_text(_EMPTY)
        apps = (App("empty", empty, "Welcome"), App("studybuddy", _ROOT / "app.py", "Welcome to Study Buddy"))
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        took: dict[str, list[Timing]] = {app.name: [] for app in apps}
        for number in range(rounds + 1):
            for app in apps:
                timing = measure(app, Path(work) / f"{app.name}-{number}", browser)
                if number:  # the first round warms the disk's cache
                    took[app.name].append(timing)
        browser.close()
    return report(took)


def measure(app: App, folder: Path, browser: Browser) -> Timing:
    folder.mkdir()
    start = time.perf_counter()
    with running(app.script, folder) as url:
        wait_until_ready(url)
        ready = time.perf_counter() - start
        context = browser.new_context()
        page = context.new_page()
        start = time.perf_counter()
        page.goto(url, wait_until="commit")
        # Not by a locator: it looks again only after half a second when it came a moment too early.
        page.wait_for_function(_SHOWS, arg=app.words, polling="raf", timeout=_TIMEOUT_S * 1000)
        shown = time.perf_counter() - start
        context.close()
    return Timing(ready, shown)


@contextmanager
def running(script: Path, folder: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    folders = {"UPLOADS_DIR": str(folder / "uploads"), "STUDY_BUDDY_DATA": str(folder / "data"), "STORAGE": "LOCAL"}
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}"]
    process = subprocess.Popen(
        command,
        cwd=_ROOT,  # both with the same .streamlit/config.toml
        # With their compiled modules kept, as they are for whoever starts an app twice.
        env={**os.environ, **folders, "PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": ""},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + _TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            with urlopen(f"{url}/_stcore/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.01)
    raise TimeoutError(f"{url} does not answer")


def report(took: dict[str, list[Timing]]) -> int:
    """Print medians and ratios; return 1 when a goal is missed."""
    holds = True
    for what, goal in (("ready", _READY_GOAL), ("page", _PAGE_GOAL)):
        middle = {name: median(getattr(timing, what) for timing in timings) for name, timings in took.items()}
        for name, timings in took.items():
            each = "  ".join(f"{getattr(timing, what):5.2f}" for timing in timings)
            print(f"{what:6} {name:11} {each}  median {middle[name]:.2f} s")
        ratio = middle["studybuddy"] / middle["empty"]
        holds = holds and ratio <= goal
        print(f"{what:6} {ratio:.2f} times the empty app's (goal: at most {goal})")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
