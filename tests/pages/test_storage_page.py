"""The storage page as it comes out of the library: well, with a storage that is gone, and mixed."""

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from studybuddy import server
from studybuddy.catalog import storages as catalog_storages
from studybuddy.library import Library
from tests.catalog import rows
from tests.pages.conftest import put
from tests.pages.shown import labels, opened, press, said
from tests.pages.storages import DEAD, fill, with_s3
from tests.servers.place import Server, new_name
from tests.waiting import awaited


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


def test_what_was_deleted_and_is_still_there_is_told(app: AppTest, library: Library) -> None:
    fill(library)
    assert "to be deleted" not in said(opened(app, "storage.py"))
    with library.catalog.write() as db:
        db.execute("UPDATE files SET current_copy_id = NULL WHERE id = 1")
        db.execute("UPDATE copies SET state = 'doomed' WHERE file_id = 1")
    assert "1 copy that nobody needs is still to be deleted there" in said(opened(app, "storage.py"))


def test_an_empty_library_says_what_will_be_here(app: AppTest) -> None:
    text = said(opened(app, "storage.py"))
    assert "No files" in text
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
    assert time.monotonic() - started < 15
    assert "All is well" not in said(app)
    text = awaited(lambda: said(app.run()), lambda text: "cannot be used now" in text)
    assert "▲ S3 · study-buddy cannot be used now" in text
    assert "New files are saved on this computer meanwhile, and move when it answers" in text
    assert "secret-of-some-length" not in text


def test_a_bucket_that_the_first_file_makes_is_no_worry(
    app: AppTest, library: Library, monkeypatch: pytest.MonkeyPatch, strict_s3_server: Server
) -> None:
    fill(library)
    bucket = new_name()
    with_s3(monkeypatch, strict_s3_server, bucket=bucket)
    opened(app, "storage.py")
    text = awaited(lambda: said(app.run()), lambda text: "it is made with the first file" in text)
    assert "All is well" in text
    assert "cannot be used" not in text.lower()
    assert bucket not in [one["Name"] for one in strict_s3_server.client().list_buckets()["Buckets"]]


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


def test_a_storage_whose_keys_are_not_set_says_which_and_offers_no_set_up(
    app: AppTest, library: Library, tmp_path: Path
) -> None:
    keys = 'access_key_id_env = "OLD_ID"\nsecret_access_key_env = "OLD_SECRET"\n'
    (tmp_path / "storages.toml").write_text(f'[old]\nbucket = "my-old-bucket"\n{keys}')
    server.close()
    put(server.wiring().library, library.create_session("Optics").id, "a.txt", b"light")
    opened(app, "storage.py")
    text = awaited(lambda: said(app.run()), lambda text: "OLD_ID and OLD_SECRET are not set" in text)
    assert "Set OLD_ID and OLD_SECRET in the environment or in .env, and start Study Buddy again." in text
    assert "**1 file**" in text
    assert "Set up" not in labels(app)


def test_home_leads_to_the_storage_page(app: AppTest, library: Library) -> None:
    fill(library)
    app.run()
    assert "Storage" in labels(app, "page_link")


def test_a_backup_is_made_on_a_click(app: AppTest, library: Library) -> None:
    fill(library)
    text = said(opened(app, "storage.py"))
    assert "No backup yet" in text
    press(app, "Back up now")
    assert "Last backup today" in said(app)
    assert "Backed up what is known of 3 files." in said(app)
    assert server.wiring().backups.list(server.wiring().storages().local)
