"""The storage page as it comes out of the library: well, with a storage that is gone, and mixed."""

import os
import time
from pathlib import Path
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from studybuddy import server
from studybuddy.catalog import storages as catalog_storages
from studybuddy.library import Library
from tests import samples
from tests.catalog import rows
from tests.pages.conftest import put
from tests.pages.test_pages import labels, opened, press, said
from tests.servers.place import Server as S3Server


@pytest.fixture
def with_folder(library: Library, tmp_path: Path) -> Library:
    """A library with a second storage, which takes files: a folder as of another disk."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "storages.toml").write_text(f'[disk]\nkind = "local"\nfolder = "{tmp_path}/disk"\n')
    server.close()
    return server.wiring().library


DEAD = S3Server("http://127.0.0.1:9", "key", "secret-of-some-length")


def with_s3(monkeypatch: pytest.MonkeyPatch, at: S3Server, *, bucket: str = "study-buddy") -> Library:
    """Open the library again, with a bucket for new files that may not be there yet."""
    named = {"STORAGE": "S3", "STUDY_BUDDY_BUCKET_NAME": bucket, "S3_ENDPOINT_URL": at.url}
    for name, value in {**named, "AWS_ACCESS_KEY_ID": at.access_key, "AWS_SECRET_ACCESS_KEY": at.secret_key}.items():
        monkeypatch.setenv(name, value)
    server.close()
    return server.wiring().library


def fill(library: Library) -> int:
    """Add three files; return the first one's id."""
    session = library.create_session("Optics")
    first = put(library, session.id, "slides.pdf", samples.pdf("light"))
    put(library, session.id, "leaf.png", samples.png(8, 8))
    put(library, session.id, "notes.txt", b"light\n")
    return first.id


def test_a_healthy_storage_says_where_it_is_what_it_holds_and_that_it_answers(app: AppTest, library: Library) -> None:
    fill(library)
    text = said(opened(app, "storage.py"))
    assert "● this computer" in text
    assert "Answers in" in text
    assert "free" in text
    assert "**3 files**" in text
    assert "2 documents" in text
    assert "1 image" in text
    assert str(server.wiring().settings.uploads_dir) in text
    assert "All is well" in text


def test_an_empty_library_says_what_will_be_here(app: AppTest) -> None:
    text = said(opened(app, "storage.py"))
    assert "No files yet" in text
    assert "Nothing is saved yet." in text
    assert "Where new files go" in text


def test_a_part_opens_its_list_and_stands_in_the_address(app: AppTest, library: Library) -> None:
    fill(library)
    opened(app, "storage.py")
    assert "slides.pdf" not in said(app)
    press(app, next(button.label for button in app.button if button.label.startswith("Only on")))
    assert app.query_params["part"] == "only-1"
    assert "slides.pdf" in said(app)
    assert "[Optics](session?id=1)" in said(app)
    press(app, "Close the list")
    assert "part" not in app.query_params
    assert "slides.pdf" not in said(app)


def test_a_long_list_comes_page_by_page(app: AppTest, library: Library) -> None:
    session = library.create_session("Optics")
    for number in range(27):
        put(library, session.id, f"handout {number:02d}.txt", f"{number}".encode())
    opened(app, "storage.py", part="only-1")
    assert "handout 26.txt" in said(app)
    assert "handout 01.txt" not in said(app)
    press(app, "Next")
    assert "handout 01.txt" in said(app)
    assert app.query_params["after"]


@pytest.mark.parametrize("part", ["", "x", "only-999", "only-x", "damaged"])
def test_an_address_that_names_no_part_shows_the_page(app: AppTest, library: Library, part: str) -> None:
    fill(library)
    text = said(opened(app, "storage.py", part=part, after="nonsense"))
    assert "Where everything is" in text
    assert "slides.pdf" not in text


def test_damaged_files_are_told_and_listed(app: AppTest, library: Library) -> None:
    file_id = fill(library)
    with library.catalog.write() as db:
        db.execute("UPDATE copies SET state = 'bad' WHERE file_id = ?", [file_id])
    text = said(opened(app, "storage.py", part="damaged"))
    assert "1 file damaged or missing" in text
    assert "slides.pdf" in text
    assert "no good copy is known (was on this computer)" in text
    assert "leaf.png" not in text
    assert not app.get("link_button")


def test_a_file_in_two_storages_names_both(app: AppTest, with_folder: Library) -> None:
    file_id = fill(with_folder)
    with with_folder.catalog.write() as db:
        rows.copy(db, file_id, storage_id=server.wiring().storages().named("disk").id)
    text = said(opened(app, "storage.py", part="several"))
    assert "● this computer, ● this computer · disk" in text


def test_new_files_go_elsewhere_after_the_doctor_found_it_well(app: AppTest, with_folder: Library) -> None:
    fill(with_folder)
    opened(app, "storage.py")
    assert "`STORAGE=LOCAL`" in said(app)
    app.radio(key="storage_chosen").set_value("disk").run()
    assert "Only new files are concerned" in said(app)
    assert server.wiring().storages().target.name == "local"
    press(app, "Check and switch")
    assert server.wiring().storages().target.name == "disk"
    assert "New files go to ● this computer · disk from now on." in said(app)
    assert "Chosen here today" in said(app)
    press(app, "Go by the settings again")
    assert server.wiring().storages().target.name == "local"


def test_a_storage_that_is_not_well_is_not_switched_to(app: AppTest, with_folder: Library, tmp_path: Path) -> None:
    opened(app, "storage.py")
    app.radio(key="storage_chosen").set_value("disk").run()
    (tmp_path / "disk").rename(tmp_path / "unplugged")
    (tmp_path / "disk").write_text("no folder")
    press(app, "Check and switch")
    assert server.wiring().storages().target.name == "local"
    assert "Not switched: new files go where they went." in said(app)
    assert "failed.**" in said(app)


def test_the_doctor_is_asked_on_the_page(app: AppTest, library: Library) -> None:
    opened(app, "storage.py")
    press(app, "Check")
    assert "It can be used." in [element.value for element in app.success]


def test_a_dead_storage_delays_no_page_and_is_told(
    app: AppTest, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(library)
    with_s3(monkeypatch, DEAD)
    started = time.monotonic()
    opened(app, "storage.py")
    assert time.monotonic() - started < 5
    assert "All is well" not in said(app)
    deadline = time.monotonic() + 15
    while "cannot be used now" not in said(app):
        assert time.monotonic() < deadline
        app.run()
    text = said(app)
    assert "▲ S3 · study-buddy cannot be used now" in text
    assert "New files are saved on this computer meanwhile, and move when it answers" in text
    assert "secret-of-some-length" not in text


def test_a_storage_that_the_settings_no_longer_name_is_told_with_the_way_back(app: AppTest, library: Library) -> None:
    file_id = fill(library)
    url = "s3://old-bucket/folder?endpoint=https%3A%2F%2Fs3.example.com"
    with library.catalog.write() as db:
        old = catalog_storages.register(db, url=url, label="S3 · old-bucket/folder", base_url="x", region="eu-west-3")
        rows.copy(db, file_id, storage_id=old.id)
    server.close()
    text = said(opened(app, "storage.py"))
    assert "The settings no longer name it" in text
    assert "1 file there cannot be opened" in text
    assert 'bucket = "old-bucket"' in text
    assert 'prefix = "folder"' in text
    assert 'region = "eu-west-3"' in text


def test_what_cannot_be_opened_at_the_start_is_told(app: AppTest, with_folder: Library, tmp_path: Path) -> None:
    server.close()
    (tmp_path / "disk").rename(tmp_path / "unplugged")
    opened(app, "storage.py")
    assert "disk" in app.warning[0].value
    assert "Everything else works" in app.warning[0].value


def test_home_leads_to_the_storage_page(app: AppTest, library: Library) -> None:
    fill(library)
    app.run()
    assert "Storage" in labels(app, "page_link")


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
    deadline = time.monotonic() + 20
    while any(result.scan.busy for result in server.wiring().scans.everything()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
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
    app = AppTest.from_function(removing, default_timeout=20).run()
    assert app.button[0].disabled
    app.text_input[0].set_value("remove").run()
    press(app, "Remove them")
    ended(app)
    assert not stray.exists()


def test_a_backup_is_made_on_a_click(app: AppTest, library: Library) -> None:
    fill(library)
    text = said(opened(app, "storage.py"))
    assert "No backup yet" in text
    press(app, "Back up now")
    assert "Last backup today" in said(app)
    assert "Backed up what is known of 3 files." in said(app)
    assert server.wiring().backups.list(server.wiring().storages().local)


def setting_up() -> None:
    """The dialog alone: here, unlike in a browser, any click would close it."""
    from pages import shared, storage_setup  # noqa: PLC0415

    storage = shared.wiring().storages().named("s3")
    storage_setup.set_up(storage, storage.place)  # type: ignore[arg-type]


@pytest.fixture
def dialog(library: Library) -> AppTest:
    return AppTest.from_function(setting_up, default_timeout=20)


def test_a_bucket_is_set_up_after_showing_what_would_happen(
    dialog: AppTest, monkeypatch: pytest.MonkeyPatch, strict_s3_server: S3Server
) -> None:
    bucket = f"page-{uuid4().hex[:12]}"
    with_s3(monkeypatch, strict_s3_server, bucket=bucket)
    app = dialog.run()
    press(app, "Show what would happen")
    assert "would be done" in said(app)
    assert "s3:PutObject" in said(app)
    assert bucket not in buckets(strict_s3_server)
    app.button(key="set-up-now").click().run()
    assert "failed" not in said(app)
    assert bucket in buckets(strict_s3_server)


def buckets(at: S3Server) -> list[str]:
    return [found["Name"] for found in at.client().list_buckets()["Buckets"]]


def test_public_reading_states_its_consequence_and_is_confirmed(
    dialog: AppTest, monkeypatch: pytest.MonkeyPatch, strict_s3_server: S3Server
) -> None:
    bucket = strict_s3_server.new_bucket()
    with_s3(monkeypatch, strict_s3_server, bucket=bucket)
    app = dialog.run()
    app.checkbox[0].check().run()
    assert "Everyone on the internet" in app.warning[0].value
    assert app.button(key="set-up-now").disabled
    app.checkbox[1].check().run()
    app.button(key="set-up-now").click().run()
    assert not app.exception
    assert "s3:GetObject" in strict_s3_server.client().get_bucket_policy(Bucket=bucket)["Policy"]
