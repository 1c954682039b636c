"""Files from elsewhere on the migrate page: looked at, brought, and what could not come with its reason."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from studybuddy import server
from studybuddy.catalog import copies
from studybuddy.catalog.imports import Import
from studybuddy.catalog.migrations import Scope
from studybuddy.importing.imports import INTERRUPTED, Imports
from studybuddy.library import Library
from tests.pages.shown import labels, opened, press, said
from tests.samples import m4a, pdf
from tests.servers.supabase import Supabase
from tests.waiting import awaited


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of Supabase that the library can read."""

    server: Supabase
    name: str

    def put(self, key: str, content: bytes | None, *, content_type: str = "application/pdf") -> None:
        self.server.put(self.name, key, content, content_type=content_type)


@pytest.fixture
def bucket(library: Library, supabase_server: Supabase, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    bucket = supabase_server.new_bucket()
    settings = supabase_server.settings(bucket)
    monkeypatch.setenv("SUPABASE_URL", settings.url)
    monkeypatch.setenv("SUPABASE_SERVICE_KEY", settings.service_key.reveal())
    monkeypatch.setenv("SUPABASE_BUCKET", bucket)
    server.close()
    return Bucket(supabase_server, bucket)


def imports() -> Imports:
    return server.wiring().imports


def begun() -> Import:
    return imports().begin(imports().bucket("supabase"))


def ended(app: AppTest, import_id: int = 1) -> str:
    awaited(lambda: imports().worker(imports().get(import_id)) is None)
    app.run()
    assert not app.exception
    return said(app)


def test_without_a_bucket_it_says_what_to_set_and_how_a_table_is_brought(app: AppTest) -> None:
    text = said(opened(app, "migrate.py"))
    assert "Set SUPABASE_URL, SUPABASE_SERVICE_KEY and SUPABASE_BUCKET in .env" in text.replace("`", "")
    assert "python -m studybuddy import urls FILE" in text
    assert "python -m studybuddy export urls FILE" in text
    assert "Look what would come" not in labels(app)


def test_a_bucket_is_looked_at_and_then_brought(app: AppTest, bucket: Bucket) -> None:
    bucket.put("Physics/waves.m4a", m4a(), content_type="audio/mp4")
    bucket.put("Physics/slides.pdf", pdf("waves"))
    bucket.put("Physics/.emptyFolderPlaceholder", b"")
    opened(app, "migrate.py")
    text = said(press(app, "Look what would come"))
    assert "2 files" in text
    assert "would come to ● this computer" in text
    assert "1 skipped" in text
    assert "It is Supabase's own mark of an empty folder." in text
    assert [row["Session"] for row in app.dataframe[0].value.to_dict("records")] == ["Physics"]
    assert imports().page() == []
    press(app, "Bring them")
    text = ended(app)
    assert "All is here" in text
    assert "2 of 2 files on this computer" in text
    assert server.wiring().library.session(1).title == "Physics"
    assert "Nothing new would come" in said(press(app, "Look what would come"))
    assert "Bring them" not in labels(app)


def test_files_go_where_they_are_told_to(app: AppTest, bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "storages.toml").write_text(f'[disk]\nkind = "local"\nfolder = "{tmp_path}/disk"\n')
    server.close()
    bucket.put("a.pdf", pdf("light"))
    opened(app, "migrate.py")
    choice = next(box for box in app.selectbox if str(box.key).startswith("import-to-"))
    assert choice.value == "local"
    choice.set_value("disk").run()
    assert "would come to ● this computer · disk" in said(press(app, "Look what would come"))
    press(app, "Bring them")
    assert "1 of 1 file on this computer · disk" in ended(app)


def test_what_could_not_come_says_why_and_is_tried_again(app: AppTest, bucket: Bucket) -> None:
    bucket.put("a.pdf", pdf("light"))
    for number in range(12):
        bucket.put(f"lost {number:02d}.pdf", None)
    imports().run(begun().id)
    text = said(opened(app, "migrate.py"))
    assert "Not all could come" in text
    assert "1 of 13 files" in text
    assert "12 could not come: why" in labels(app, "expander")
    assert "no bytes behind it" in text
    assert ("lost 09.pdf" in text, "lost 10.pdf" in text) == (True, False)
    assert "lost 10.pdf" in said(press(app, "Next"))
    for number in range(12):
        bucket.put(f"lost {number:02d}.pdf", pdf(str(number)))
    press(app, "Try the failed again")
    assert "13 of 13 files" in ended(app)


def test_what_waits_to_go_on_says_why_and_is_resumed_after_a_reload(app: AppTest, bucket: Bucket) -> None:
    bucket.put("a.pdf", pdf("light"))
    imports().run(begun().id)
    bucket.put("b.pdf", pdf("lens"))
    number = begun().id
    with server.wiring().catalog.write() as db:
        db.execute("UPDATE imports SET state = 'running', writer = 'dead' WHERE id = ?", [number])
    imports().recover()
    assert "**An import waits to go on:** ▲ Supabase" in said(opened(app, "home.py"))
    text = said(opened(app, "migrate.py"))
    assert "Waiting to go on" in text
    assert INTERRUPTED in text
    press(app, "Resume")
    assert "All is here" in ended(app, number)


def test_while_it_runs_it_says_how_far_it_is_and_is_paused(app: AppTest, bucket: Bucket) -> None:
    for number in range(40):
        bucket.put(f"{number}.pdf", pdf(str(number)))
    bucket.server.traps(slow_s=3)
    imports().start(begun().id)
    awaited(lambda: bool((live := imports().live(1)) and live.copying()))
    opened(app, "migrate.py")
    assert "of 40 files on this computer" in said(app)
    assert "Bringing " in said(app)
    assert "Look what would come" not in labels(app)
    press(app, "Pause")
    text = ended(app)
    assert "Waiting to go on" in text
    assert "It was paused. What has come stays here" in text
    assert imports().get(1).count("todo").files
    bucket.server.traps()
    press(app, "Resume")
    assert "40 of 40 files" in ended(app)


def test_what_stays_at_supabase_is_not_offered_for_deletion(app: AppTest, bucket: Bucket) -> None:
    bucket.put("a.pdf", pdf("light"))
    imports().run(begun().id)
    wiring = server.wiring()
    with wiring.catalog.write() as db:
        source = wiring.storages().named("supabase")
        copies.settle_all(db, [copies.insert(db, file_id=1, storage_id=source.id, key="a.pdf", writer="w")])
    moved = wiring.migrations.run(wiring.migrations.plan("supabase", "local", Scope()).migration.id)
    text = said(opened(app, "migrate.py", id=str(moved.id)))
    assert "still have a copy in Supabase" in text
    assert "where nothing is deleted." in text
    assert "Clean up…" not in labels(app)


def test_one_that_begins_while_another_runs_is_told(app: AppTest, bucket: Bucket) -> None:
    bucket.put("a.pdf", pdf("light"))
    opened(app, "migrate.py")
    press(app, "Look what would come")
    with server.wiring().catalog.write() as db:
        db.execute(
            """INSERT INTO imports (kind, source, label, options, target_id, state, started_at, writer)
            VALUES ('table', 'x.csv', 'x', '{}', 1, 'running', '2026-01-01', ?)""",
            [server.wiring().claim.id],
        )
    press(app, "Bring them")
    assert "Import 1 is being worked on" in app.error[0].value


def test_a_bucket_that_does_not_answer_is_told_where_it_was_asked(
    app: AppTest, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPABASE_BUCKET", "no such bucket")
    server.close()
    opened(app, "migrate.py")
    text = said(press(app, "Look what would come"))
    assert "no such bucket" in app.error[0].value
    assert "What to do" in text
    assert "Bring them" not in labels(app)
