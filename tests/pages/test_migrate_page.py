"""The migrate page as it comes out of the library: choosing, the plan, the run, and the way back."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from studybuddy import server
from studybuddy.catalog import copies, migration_items, migrations
from studybuddy.catalog.migrations import Migration, Scope
from studybuddy.claims import Claim
from studybuddy.library import Library
from tests import samples
from tests.pages.conftest import put
from tests.pages.shown import labels, opened, press, said
from tests.waiting import PATIENCE_S, awaited


@pytest.fixture
def two(library: Library, tmp_path: Path) -> Library:
    """A library of three files with a second storage: a folder as of another disk."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "storages.toml").write_text(f'[disk]\nkind = "local"\nfolder = "{tmp_path}/disk"\n')
    server.close()
    session = server.wiring().library.create_session("Optics")
    for name, content in (("slides.pdf", samples.pdf("light")), ("leaf.png", samples.png(8, 8)), ("a.txt", b"light\n")):
        put(server.wiring().library, session.id, name, content)
    return server.wiring().library


def plan(**scope: object) -> int:
    return server.wiring().migrations.plan("local", "disk", Scope(**scope)).migration.id  # type: ignore[arg-type]


def migration(number: int) -> Migration:
    return server.wiring().migrations.get(number)


def ended(app: AppTest, number: int) -> None:
    awaited(lambda: server.wiring().migrations.worker(migration(number)) is None)
    app.run()
    assert not app.exception


def where(library: Library) -> set[str]:
    return {server.wiring().storages().opened[library.file(number).storage_id or 0].name for number in (1, 2, 3)}


def test_one_storage_alone_says_how_to_name_another(app: AppTest) -> None:
    assert "There is one storage only" in said(opened(app, "migrate.py"))


def test_from_the_choice_to_the_end_and_back(app: AppTest, two: Library) -> None:
    opened(app, "migrate.py")
    assert (app.selectbox(key="migrate_from").value, app.selectbox(key="migrate_to").value) == ("local", "disk")
    press(app, "Show the plan")
    text = said(app)
    assert app.query_params["id"] == "1"
    assert "3 files" in text
    assert "about 1 s" in text
    assert "Will move" in text
    assert where(two) == {"local"}
    press(app, "Move")
    ended(app, 1)
    assert "Moved" in said(app)
    assert where(two) == {"disk"}
    assert "still have a copy on this computer, kept until" in said(app)
    press(app, "Take it back")
    assert "The files are on this computer again." in said(app)
    assert where(two) == {"local"}


def test_copies_that_a_later_move_uses_again_are_not_offered_for_deletion(app: AppTest, two: Library) -> None:
    for _ in range(2):
        server.wiring().migrations.run(plan())
        if migration(1).state == "done":
            server.wiring().migrations.undo(1)
    opened(app, "migrate.py", id="1")
    assert "still have a copy" not in said(app)
    assert "Clean up…" not in labels(app)
    opened(app, "migrate.py", id="2")
    assert "3 files" in said(app)
    assert "Clean up…" in labels(app)


def test_the_address_fills_in_from_and_to(app: AppTest, two: Library) -> None:
    opened(app, "migrate.py", **{"from": "disk", "to": "local"})
    assert (app.selectbox(key="migrate_from").value, app.selectbox(key="migrate_to").value) == ("disk", "local")


def test_the_same_place_twice_is_refused_before_a_plan(app: AppTest, two: Library) -> None:
    opened(app, "migrate.py", **{"from": "disk", "to": "disk"})
    assert next(button for button in app.button if button.label == "Show the plan").disabled


def test_only_some_of_it_moves(app: AppTest, two: Library) -> None:
    opened(app, "migrate.py")
    app.button_group[0].set_value(["image"]).run()
    press(app, "Show the plan")
    assert migration(1).scope.kinds == ("image",)
    assert migration(1).planned_files == 1


def test_a_plan_names_what_cannot_move_and_what_came_since(app: AppTest, two: Library) -> None:
    with two.catalog.write() as db:
        db.execute("UPDATE copies SET state = 'bad' WHERE file_id = 1")
    number = plan()
    put(two, 1, "late.txt", b"late")
    text = said(opened(app, "migrate.py", id=str(number)))
    assert "1 file" in text
    assert "cannot move." in text
    assert "slides.pdf" in text
    assert "1 file · 4 bytes came since the plan." in text
    press(app, "Let them join")
    assert migration(number).planned_files == 3


def test_a_plan_can_be_dropped(app: AppTest, two: Library) -> None:
    opened(app, "migrate.py", id=str(plan()))
    press(app, "Choose again")
    assert server.wiring().migrations.page() == []
    assert "Show the plan" in labels(app)


def test_what_was_deleted_meanwhile_is_left_alone(app: AppTest, two: Library) -> None:
    number = plan()
    two.trash_file(3)
    two.purge_file(3)
    opened(app, "migrate.py", id=str(number))
    press(app, "Move")
    ended(app, number)
    assert "3 of 3 files** · 636 bytes of 636 bytes · 1 left alone" in said(app)
    assert "Left alone: what was moved elsewhere or deleted meanwhile." in said(app)


def test_what_waits_to_go_on_is_resumed(app: AppTest, two: Library) -> None:
    number = plan()
    with two.catalog.write() as db:
        db.execute("UPDATE migrations SET state = 'running', lease_owner = 'dead' WHERE id = ?", [number])
    text = said(opened(app, "migrate.py", id=str(number)))
    assert "Waiting to go on" in text
    assert "The app was closed while it ran." in text
    press(app, "Resume")
    ended(app, number)
    assert migration(number).state == "done"


def test_what_waits_for_a_storage_says_that_it_goes_on_by_itself_until_it_is_paused(app: AppTest, two: Library) -> None:
    number = plan()
    with two.catalog.write() as db:
        db.execute("UPDATE migrations SET state = 'paused', reason = 'disk does not answer', goes_on = 1")
    text = said(opened(app, "migrate.py", id=str(number)))
    assert "disk does not answer" in text
    assert "It goes on by itself when the storage answers" in text
    press(app, "Pause")
    assert not migration(number).goes_on
    assert "It goes on by itself" not in said(app)
    assert "Resume" in labels(app)


def test_a_pause_says_which_large_files_go_on_in_the_middle(app: AppTest, two: Library) -> None:
    number = plan()
    with two.catalog.write() as db:
        first = migrations.items(db, number, limit=1)[0]
        to = migrations.get(db, number).target_id
        (copy_id,) = copies.insert_all(db, [(first.file_id, "audio/a.bin", True)], storage_id=to, writer="gone")
        migration_items.change(db, number, [first.changed("copying")._replace(target_copy_id=copy_id)])
        migrations.change(db, number, state="paused")
    text = said(opened(app, "migrate.py", id=str(number)))
    assert f"What has come of {first.name} is kept for a week: it goes on from there." in text


def test_what_another_program_or_its_cluster_copies_is_shown(app: AppTest, two: Library, tmp_path: Path) -> None:
    number, other = plan(), Claim(tmp_path / "data" / "claims")
    for _ in range(2):
        put(two, 1, "more.txt", b"more")
    server.wiring().migrations.join(number)
    with two.catalog.write() as db:
        db.execute("UPDATE migrations SET state = 'running', lease_owner = ? WHERE id = ?", [other.id, number])
    assert "Another program works on it. Its speed is told there." in said(opened(app, "migrate.py", id=str(number)))
    with two.catalog.write() as db:
        migration_items.change(db, number, [item.changed("copying") for item in migrations.items(db, number)])
    text = said(app.run())
    assert "Another program copies slides.pdf, leaf.png, a.txt, more.txt and 1 more. Its speed is told there." in text
    assert "Pause" in labels(app)
    other.release()


def test_what_failed_says_why_and_is_tried_again(app: AppTest, two: Library, tmp_path: Path) -> None:
    hidden = next((tmp_path / "uploads").rglob("*.png"))
    hidden.rename(tmp_path / "hidden")
    number = plan()
    server.wiring().migrations.run(number)
    text = said(opened(app, "migrate.py", id=str(number)))
    assert "Not all could move" in text
    assert "leaf.png" in text
    (tmp_path / "hidden").rename(hidden)
    press(app, "Try the failed again")
    ended(app, number)
    assert migration(number).state == "done"


def cleaning_up() -> None:
    """The dialog alone: here, unlike in a browser, any click would close it."""
    from pages import migrate_end, shared  # noqa: PLC0415

    migrate_end.confirm_clean_up(shared.wiring().migrations.get(1))


def test_a_clean_up_waits_for_its_hold_or_is_confirmed_twice(two: Library, tmp_path: Path) -> None:
    server.wiring().migrations.run(plan())
    app = AppTest.from_function(cleaning_up, default_timeout=PATIENCE_S).run()
    assert "3 files" in said(app)
    assert "This cannot be undone." in said(app)
    app.text_input[0].set_value("delete").run()
    assert app.button[0].disabled
    assert app.info[0].value.endswith(", in case you want to undo.")
    app.checkbox[0].check().run()
    press(app, "Delete the copies")
    assert migration(1).state == "cleaned"
    assert not list((tmp_path / "uploads" / "study-sessions").rglob("*.*"))


def test_what_was_taken_back_is_not_kept_to_be_taken_back(two: Library) -> None:
    migrations = server.wiring().migrations
    migrations.undo(migrations.run(plan()).id)
    app = AppTest.from_function(cleaning_up, default_timeout=PATIENCE_S).run()
    assert "on this computer · disk: the copies there will be gone" in said(app)
    assert app.info[0].value.startswith("They are kept until ")
    assert "undo" not in app.info[0].value


def test_what_was_cleaned_up_and_is_still_there_is_told(app: AppTest, two: Library) -> None:
    server.wiring().migrations.run(plan())
    server.wiring().migrations.clean_up(1, now=True)
    assert "still" not in said(opened(app, "migrate.py", id="1"))
    with two.catalog.write() as db:
        db.execute(
            "INSERT INTO copies (storage_id, key, state, created_at) SELECT id, 'a.txt', 'doomed', ''"
            " FROM storages WHERE url = ?", [server.wiring().storages().named("local").identity],
        )  # fmt: skip
    assert "1 copy is still to be deleted on this computer." in said(opened(app, "migrate.py", id="1"))


def test_the_history_leads_to_each(app: AppTest, two: Library) -> None:
    server.wiring().migrations.run(plan())
    text = said(opened(app, "migrate.py"))
    assert "● this computer → ● this computer · disk" in text
    assert "moved" in text
    assert "Open" in labels(app, "page_link")


@pytest.mark.parametrize("number", ["9", "x", "1²", "99999999999999999999"])
def test_an_address_that_names_none_shows_the_choice(app: AppTest, two: Library, number: str) -> None:
    opened(app, "migrate.py", id=number)
    assert "Show the plan" in labels(app)


def test_the_storage_page_leads_here(app: AppTest, two: Library) -> None:
    opened(app, "storage.py")
    assert "Move its files" in labels(app, "page_link")
