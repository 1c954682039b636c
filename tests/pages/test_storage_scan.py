"""Scans and repairs on the storage page; removing asks first."""

import os
import time
from pathlib import Path

from streamlit.testing.v1 import AppTest

from studybuddy import server
from studybuddy.library import Library
from tests.pages.shown import opened, press, said
from tests.pages.storages import fill
from tests.waiting import PATIENCE_S, awaited


def test_a_scan_finds_repairs_and_asks_before_it_removes(app: AppTest, with_folder: Library) -> None:
    file_id = fill(with_folder)
    uploads = server.wiring().settings.uploads_dir
    next(uploads.rglob("*.png")).unlink()
    opened(app, "storage.py")
    assert "Not looked at yet" in said(app)
    press(app, "Quick scan")
    ended(app)
    text = said(app)
    assert "**1 missing**" in text
    assert "leaf.png" in text
    assert "The last scan found 1 file damaged or missing on this computer" in text
    press(app, "Repair")
    ended(app)
    assert "no good copy is known" in said(app)
    assert "**1 file damaged or missing.**" in said(app)
    assert "The last scan found" not in said(app)
    assert with_folder.file(file_id).id == file_id


def ended(app: AppTest) -> None:
    """Look again until no scan goes on."""
    scans = server.wiring().scans
    awaited(lambda: not any(result.scan.busy for result in scans.everything()))
    app.run()
    assert not app.exception


def leave_stray() -> Path:
    """Put an object into the folder that no file uses, long ago."""
    stray = server.wiring().settings.uploads_dir / "study-sessions" / "9" / f"{'a' * 32}.pdf"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"nobody's")
    os.utime(stray, (time.time() - 3 * 86400,) * 2)
    return stray


def test_removing_what_nobody_knows_says_first_what_will_be_gone(app: AppTest, library: Library) -> None:
    fill(library)
    stray = leave_stray()
    opened(app, "storage.py")
    press(app, "Quick scan")
    ended(app)
    press(app, "Remove the unknown…")
    assert "**1 object** (8 bytes) on this computer will be gone. This cannot be undone." in said(app)
    assert stray.exists()


def removing() -> None:
    """The dialog alone: here, unlike in a browser, any click would close it."""
    from pages import shared, storage_findings  # noqa: PLC0415

    storage_findings.confirm_removal(shared.wiring().scans.everything()[0], 1)


def test_what_nobody_knows_is_removed_when_that_is_typed(library: Library) -> None:
    fill(library)
    stray = leave_stray()
    server.wiring().scans.run(server.wiring().storages().local)
    app = AppTest.from_function(removing, default_timeout=PATIENCE_S).run()
    assert app.button[0].disabled
    app.text_input[0].set_value("remove").run()
    press(app, "Remove them")
    ended(app)
    assert not stray.exists()
