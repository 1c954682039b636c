"""What waits in the outbox, on the storage page."""

from streamlit.testing.v1 import AppTest

from studybuddy import server
from studybuddy.library import Library
from tests.pages.conftest import put
from tests.pages.shown import opened, press, said
from tests.pages.storages import fill


def wait_in_outbox(library: Library, file_id: int) -> int:
    """Let a file wait for the folder of another disk; return that storage's id."""
    disk = server.wiring().storages().named("disk").id
    with library.catalog.write() as db:
        db.execute(
            "UPDATE files SET wanted_storage_id = ?, wanted_reason = 'it did not answer' WHERE id = ?", [disk, file_id]
        )
    return disk


def test_what_waits_says_for_what_and_why_and_moves_on_a_click(app: AppTest, with_folder: Library) -> None:
    file_id = fill(with_folder)
    disk = wait_in_outbox(with_folder, file_id)
    text = said(opened(app, "storage.py"))
    assert "1 file saved on this computer** and waiting" in text
    assert "it did not answer" in text
    assert "meant for ● this computer · disk" in text
    press(app, "Move now")
    assert with_folder.file(file_id).storage_id == disk
    assert "slides.pdf is on this computer · disk." in said(app)
    assert "All is well" in said(app)


def test_what_waits_can_be_kept_here(app: AppTest, with_folder: Library) -> None:
    file_id = fill(with_folder)
    wait_in_outbox(with_folder, file_id)
    opened(app, "storage.py")
    press(app, "Keep here")
    assert with_folder.file(file_id).wanted_storage_id is None
    assert "slides.pdf stays on this computer." in said(app)


def test_all_that_waits_can_be_kept_here(app: AppTest, with_folder: Library) -> None:
    session = with_folder.create_session("Optics")
    for number in range(12):
        wait_in_outbox(with_folder, put(with_folder, session.id, f"{number}.txt", b"%d" % number).id)
    opened(app, "storage.py")
    press(app, "Keep them here")
    assert server.wiring().outbox.count() == 0
    assert "What waited stays on this computer." in said(app)
