"""A bucket is set up on the storage page."""

from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from studybuddy.library import Library
from tests.pages.shown import press, said
from tests.pages.storages import with_s3
from tests.servers.place import Server as S3Server
from tests.waiting import PATIENCE_S


def setting_up() -> None:
    """The dialog alone: here, unlike in a browser, any click would close it."""
    from pages import shared, storage_setup  # noqa: PLC0415

    storage = shared.wiring().storages().named("s3")
    storage_setup.set_up(storage, storage.place)  # type: ignore[arg-type]


@pytest.fixture
def dialog(library: Library) -> AppTest:
    return AppTest.from_function(setting_up, default_timeout=PATIENCE_S)


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
