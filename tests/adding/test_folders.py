import os
import socket
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studybuddy import fields
from studybuddy.adding.folders import Found, Mode, place, walk


def make(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def added(found: Iterable[Found]) -> list[str]:
    return [str(one.relative) for one in found if not one.problem]


def skipped(found: Iterable[Found]) -> dict[str, str]:
    return {str(one.relative): one.problem for one in found if one.problem}


def test_a_file_asked_for_is_found_under_its_own_name(tmp_path: Path) -> None:
    make(tmp_path, "a.pdf")
    assert list(walk([tmp_path / "a.pdf"])) == [Found(tmp_path / "a.pdf", PurePosixPath("a.pdf"))]


def test_a_folder_gives_its_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    make(tmp_path, "Bio/b.txt", "Bio/A.txt", "Bio/week 1/z.txt", "Bio/week 1/é.txt", "Bio/c.txt")
    found = list(walk([tmp_path / "Bio"]))
    names = ["Bio/A.txt", "Bio/b.txt", "Bio/c.txt", "Bio/week 1/z.txt", "Bio/week 1/é.txt"]
    assert added(found) == names
    assert all(one.path == tmp_path / one.relative for one in found)


def test_several_paths_come_in_the_order_given(tmp_path: Path) -> None:
    make(tmp_path, "b.txt", "a/x.txt")
    assert added(walk([tmp_path / "b.txt", tmp_path / "a"])) == ["b.txt", "a/x.txt"]


@pytest.mark.parametrize("asked", [".", "sub/..", "../Bio", "./"])
def test_a_folder_asked_for_by_dots_has_its_real_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    make(tmp_path, "Bio/a.txt", "Bio/sub/b.txt")
    monkeypatch.chdir(tmp_path / "Bio")
    assert added(walk([Path(asked)])) == ["Bio/a.txt", "Bio/sub/b.txt"]


@pytest.mark.parametrize(
    "name",
    [".DS_Store", "Thumbs.db", "desktop.ini", "._a.pdf", "~$essay.docx", ".~lock.a.odt#", ".git/x", "__MACOSX/x"],
)
def test_what_the_system_keeps_beside_the_files_is_skipped_and_told(tmp_path: Path, name: str) -> None:
    make(tmp_path, f"Bio/{name}", "Bio/a.pdf")
    found = list(walk([tmp_path / "Bio"]))
    assert added(found) == ["Bio/a.pdf"]
    assert list(skipped(found)) == [f"Bio/{name.partition('/')[0]}"]


def test_a_hidden_file_asked_for_by_name_is_added(tmp_path: Path) -> None:
    make(tmp_path, ".notes.md")
    assert added(walk([tmp_path / ".notes.md"])) == [".notes.md"]


def test_links_are_told_and_not_followed_so_circles_end(tmp_path: Path) -> None:
    make(tmp_path, "Bio/a.pdf", "elsewhere/secret.txt")
    (tmp_path / "Bio/up").symlink_to(tmp_path)
    (tmp_path / "Bio/loop").symlink_to("loop")
    (tmp_path / "Bio/gone").symlink_to("nothing")
    (tmp_path / "Bio/secret").symlink_to(tmp_path / "elsewhere/secret.txt")
    found = list(walk([tmp_path / "Bio"]))
    assert added(found) == ["Bio/a.pdf"]
    assert skipped(found) == dict.fromkeys(
        ("Bio/gone", "Bio/loop", "Bio/secret", "Bio/up"), "it is a link, and links are not followed"
    )


def test_a_link_asked_for_by_name_is_followed(tmp_path: Path) -> None:
    make(tmp_path, "Bio/a.pdf")
    (tmp_path / "shortcut").symlink_to("Bio")
    assert added(walk([tmp_path / "shortcut"])) == ["shortcut/a.pdf"]


def test_what_is_no_file_is_told_and_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        below = list(walk([tmp_path]))
        asked = list(walk([tmp_path / "pipe", tmp_path / "socket"]))
    for found in (below, asked):
        assert added(found) == []
        assert set(skipped(found).values()) == {"it is no file, but a device, a pipe or a socket"}
        assert len(found) == 2


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    found = list(walk([tmp_path / "gone.pdf", Path("a\0b")]))
    assert skipped(found) == {"gone.pdf": "it does not exist", "a\0b": "it cannot be read: its name is malformed"}
    assert all(one.failed for one in found)


def test_what_a_rule_leaves_out_has_not_failed(tmp_path: Path) -> None:
    make(tmp_path, "Bio/.hidden", "Bio/a.pdf", "Bio/Thumbs.db")
    assert [one.failed for one in walk([tmp_path / "Bio"])] == [False, False, False]


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "Bio/empty").mkdir(parents=True)
    assert skipped(walk([tmp_path])) == {f"{tmp_path.name}/Bio/empty": "it is an empty folder"}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="an administrator may read everything")
def test_what_may_not_be_read_is_told(tmp_path: Path) -> None:
    make(tmp_path, "Bio/closed/a.pdf", "Bio/b.pdf")
    (tmp_path / "Bio/b.pdf").chmod(0)
    (tmp_path / "Bio/closed").chmod(0)
    try:
        problems = skipped(walk([tmp_path / "Bio", tmp_path / "Bio/b.pdf"]))
    finally:
        (tmp_path / "Bio/closed").chmod(0o700)
    assert set(problems) == {"Bio/b.pdf", "Bio/closed", "b.pdf"}
    assert set(problems.values()) == {"it may not be read: permission denied"}


def test_a_very_deep_tree_is_walked(tmp_path: Path) -> None:
    make(tmp_path, "d/" * 400 + "a.txt")
    assert added(walk([tmp_path / "d"])) == ["d/" * 400 + "a.txt"]


def test_a_path_too_long_for_the_system_is_told(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(25):
        os.mkdir("d" * 200, dir_fd=here)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    (problem,) = skipped(walk([tmp_path])).values()
    assert problem == "it cannot be read: file name too long"


def test_names_of_every_sort_are_found(tmp_path: Path) -> None:
    names = ["数学.pdf", "e\u0301.txt", "a\nb.txt", "-rf", "a b.txt", "'quote\".md", "rtl\u202e.txt", "😀.png"]
    make(tmp_path, *names)
    (tmp_path / os.fsdecode(b"bad\xff.txt")).write_text("x")
    found = list(walk([tmp_path]))
    assert {one.relative.name for one in found} == {*names, "bad\udcff.txt"}
    assert all(one.path.is_file() for one in found)


@pytest.mark.parametrize(
    ("relative", "mode", "expected"),
    [
        ("a.pdf", "session", (None, ())),
        ("a.pdf", "tag", (None, ())),
        ("Bio/a.pdf", "session", ("Bio", ())),
        ("Bio/a.pdf", "tag", (None, ("Bio",))),
        ("Bio/week 1/slides/a.pdf", "session", ("Bio", ("week 1", "slides"))),
        ("Bio/week 1/slides/a.pdf", "tag", (None, ("Bio", "week 1", "slides"))),
        ("Bio/Slides/slides/a.pdf", "session", ("Bio", ("Slides",))),
        ("/Bio/../x/./a.pdf", "session", ("Bio", ("x",))),
        ("../../etc/passwd", "session", ("etc", ())),
        ("  / Bio \n 1 /a.pdf", "session", ("Bio 1", ())),
        ("#bio/a.pdf", "tag", (None, ("bio",))),
    ],
)
def test_folders_say_where_a_file_belongs(
    relative: str, mode: Mode, expected: tuple[str | None, tuple[str, ...]]
) -> None:
    assert place(PurePosixPath(relative), mode=mode) == expected


def test_a_name_too_long_for_a_tag_is_cut() -> None:
    _, (tag,) = place(PurePosixPath("x" * 255 + "/a.pdf"), mode="tag")
    assert tag == "x" * (fields.MAX_TAG - 1) + "…"


@given(relative=st.text(max_size=600), mode=st.sampled_from(["session", "tag"]))
def test_whatever_a_browser_sends_gives_a_title_and_tags_that_fit(relative: str, mode: Mode) -> None:
    title, tags = place(PurePosixPath(relative), mode=mode)
    assert title is None or fields.title(title) == title
    assert fields.tags(tags) == tags
