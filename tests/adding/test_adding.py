"""What happens to an added file when its storage fails."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from studybuddy.adding.new_files import NewFile
from studybuddy.catalog import storages as catalog_storages
from studybuddy.drivers.driver import Written
from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.errors import PermissionDeniedError, UnavailableError
from studybuddy.library import Library
from studybuddy.recovery import Recovery
from studybuddy.settings import load_settings
from studybuddy.settings.places import LocalSettings
from studybuddy.storage import Storage
from studybuddy.streams import Readable
from studybuddy.wiring import Wiring, open_all
from tests.invariants import check_at_rest, digest


class SilentDriver(LocalDriver):
    """A storage that does not answer, and counts how often it was asked."""

    asked = 0

    def take(self, key: str, path: Path, *, size: int) -> Written:
        self.asked += 1
        raise UnavailableError("my-bucket does not answer", key=key)


class RefusingDriver(LocalDriver):
    """A storage that takes no bytes."""

    def take(self, key: str, path: Path, *, size: int) -> Written:
        raise PermissionDeniedError("The keys may not write to my-bucket (s3:PutObject)", key=key)

    def write(self, key: str, source: Readable, *, size: int, content_type: str) -> Written:
        raise PermissionDeniedError("The keys may not write to my-bucket (s3:PutObject)", key=key)


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    environ = {"UPLOADS_DIR": f"{tmp_path}/uploads", "STUDY_BUDDY_DATA": f"{tmp_path}/data"}
    opened = open_all(load_settings(environ, env_file=tmp_path / "no.env"))
    yield opened
    opened.close()


def aimed_at(wiring: Wiring, driver: LocalDriver) -> Library:
    """Return a library whose new files should go to the bucket behind `driver`."""
    with wiring.catalog.write() as db:
        row = catalog_storages.register(db, url="s3://my-bucket", label="S3 · my-bucket", base_url="https://x/")
    target = Storage(row.id, "s3", row.url, driver, row.label, LocalSettings(driver.root))
    storages = replace(
        wiring.storages(),
        opened={**wiring.storages().opened, row.id: target},
        known={**wiring.storages().known, row.id: row},
        target=target,
    )
    return Library(
        wiring.catalog, lambda: storages, wiring.spool, wiring.pauses, writer=wiring.claim.id, max_file_bytes=10**9
    )


@pytest.fixture
def refusing(wiring: Wiring, tmp_path: Path) -> Library:
    return aimed_at(wiring, RefusingDriver(tmp_path / "s3"))


def test_a_file_that_its_storage_refuses_is_saved_on_this_computer_and_says_so(
    wiring: Wiring, refusing: Library
) -> None:
    added = refusing.add(BytesIO(b"only recording"), NewFile("a.txt", refusing.create_session("S").id))
    assert added.stored_in == "this computer"
    assert added.wanted == "S3 · my-bucket"
    assert "s3:PutObject" in added.reason
    assert added.file.wanted_storage_id is not None
    assert digest(wiring, added.file.id) == (14, added.file.sha256)


def test_the_refused_copy_is_cleaned_up_by_recovery(wiring: Wiring, refusing: Library) -> None:
    refusing.add(BytesIO(b"only recording"), NewFile("a.txt", refusing.create_session("S").id))
    with wiring.catalog.read() as db:
        assert db.execute("SELECT count(*) FROM copies WHERE state = 'doomed'").fetchone()[0] == 1
    known = replace(wiring.storages(), opened={**refusing.storages().opened}, known=refusing.storages().known)
    Recovery(wiring.catalog, lambda: known, wiring.spool, wiring.claim, is_writing=lambda: False).run()
    check_at_rest(wiring)


def test_a_storage_that_does_not_answer_costs_one_timeout_for_many_files(wiring: Wiring, tmp_path: Path) -> None:
    driver = SilentDriver(tmp_path / "s3")
    library = aimed_at(wiring, driver)
    session = library.create_session("S")
    for number in range(5):
        added = library.add(BytesIO(b"%d" % number), NewFile("a.txt", session.id))
        assert (added.stored_in, added.reason) == ("this computer", "my-bucket does not answer")
    assert driver.asked == 1
