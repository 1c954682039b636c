"""The addresses in another program's table: what each leads to comes, or is told with its row."""

import json
from collections.abc import Iterator
from io import BytesIO

import pytest

from studybuddy.catalog import lectures, links
from studybuddy.errors import InvalidInputError
from studybuddy.importing.suspicion import check_bytes
from studybuddy.kinds import Kind, detect_in
from studybuddy.units import MIB
from tests.importing.conftest import Place, opened
from tests.samples import m4a, pdf, png
from tests.servers.web import Page, Web, web_server

ERROR = b'{"statusCode":"404","error":"not_found","message":"Object not found"}'
PAGE = b"<!doctype html><title>502</title><p>Bad gateway"


@pytest.fixture
def web() -> Iterator[Web]:
    with web_server() as found:
        yield found


def csv(*rows: tuple[str, ...]) -> str:
    lines = (",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    return "\n".join(lines)


def test_lectures_come_with_their_titles_courses_and_dates(place: Place, web: Web) -> None:
    place.put("audio/7_x.m4a", m4a())
    place.put("avatars/me.png", png(2, 2), content_type="image/png")
    slides = web.put("/slides.pdf", pdf(), Last_Modified="Wed, 01 May 2024 10:00:00 GMT")
    signed = f"{place.url('audio/7_x.m4a', route='object/sign')}?token=ended"
    source = place.table(
        "lectures.csv",
        csv(
            ("id", "title", "course", "recorded_at", "audio_url", "avatar_url", "slides_url"),
            ("7", "Waves", "Physics", "2024-05-02T08:00:00Z", signed, "", slides),
            ("8", "", "", "", "", place.url("avatars/me.png", route="render/image/public") + "?width=9", ""),
        ),
    )
    done = place.run(source)
    assert (done.state, done.count("done").files) == ("done", 3)
    found = place.files()
    assert {name: place.session_of(file) for name, file in found.items()} == {
        "7_x.m4a": "Physics", "slides.pdf": "Physics", "me.png": "lectures",
    }  # fmt: skip
    assert place.content(found["me.png"]) == png(2, 2)
    assert found["7_x.m4a"].origin_url == place.url("audio/7_x.m4a")
    assert found["slides.pdf"].created_at == "2024-05-02T08:00:00.000000Z"
    with place.wiring.catalog.read() as db:
        lecture = lectures.of_file(db, found["7_x.m4a"].id)
    assert lecture is not None
    assert (lecture.title, lecture.recorded_on) == ("Waves", "2024-05-02")


def test_an_error_page_is_never_kept_and_each_failure_tells_its_row(place: Place, web: Web) -> None:
    place.put("gone.m4a", None)
    place.put("page.m4a", PAGE)
    bodies = {"/page.m4a": PAGE, "/error.m4a": ERROR, "/empty.m4a": b"", "/page": PAGE, "/good": m4a()}
    for path, body in bodies.items():
        web.put(path, body, Content_Type="audio/mp4")
    web.pages["/500.m4a"] = Page(PAGE, 404)
    urls = [
        f"{web.url}/page.m4a", f"{web.url}/error.m4a", f"{web.url}/empty.m4a", f"{web.url}/page", f"{web.url}/500.m4a",
        f"{web.url}/good", place.url("gone.m4a"), place.url("page.m4a"), "lectures/x.m4a", "ftp://x.example/a.m4a",
    ]  # fmt: skip
    done = place.run(place.table("t.csv", csv(("audio_url",), *((url,) for url in urls))))
    told = place.problems(done)
    assert (done.state, done.count("done").files, len(told)) == ("failed", 1, 9)
    assert {place_of: reason.split(":")[0] for place_of, reason in told.items() if place_of < "row 6"} == {
        "row 1, audio_url": "A web page came, not a recording",
        "row 2, audio_url": "A text came, not a recording",
        "row 3, audio_url": "Nothing came where a recording should be. Open the address in a browser",
        "row 4, audio_url": "A web page came, not a recording",
        "row 5, audio_url": "127.0.0.1 answers 404",
        "row 10, audio_url": "It is no http",
    }
    assert "no bytes behind it" in told["row 7, audio_url"]
    assert "A web page came" in told["row 8, audio_url"]
    assert [file.kind for file in place.all_files()] == ["audio"]
    assert place.wiring.library.session(1).file_count == 1


def test_nothing_inside_this_network_is_fetched_without_leave(place: Place, web: Web) -> None:
    web.put("/x.m4a", m4a())
    port = web.url.rpartition(":")[2]
    urls = [
        f"http://localhost:{port}/x.m4a",
        f"http://2130706433:{port}/x.m4a",
        "http://169.254.169.254/latest/meta-data/",
    ]
    table = place.table("t.csv", csv(("audio_url",), *((url,) for url in urls)))
    foreseen = place.wiring.imports.preview(table)
    done = place.run(table)
    assert done.count("failed").files == 3
    assert all("it is not asked" in reason for reason in place.problems(done).values())
    assert {one.place: one.problem for one in foreseen.problems} == place.problems(done)
    assert (foreseen.new.files, foreseen.failed) == (0, 3)
    assert web.asked == []


def test_the_same_file_comes_once_and_is_shown_in_each_session_that_names_it(place: Place, web: Web) -> None:
    place.put("a.m4a", m4a())
    url = place.url("a.m4a")
    rows = (("course", "audio_url"), ("Physics", url), ("Chemistry", f"{url}?"), ("Physics", url))
    done = place.run(place.table("t.csv", csv(*rows)))
    assert (done.count("done").files, done.count("there").files) == (1, 2)
    (file,) = place.all_files()
    shown = {place.session_of(file), *(title for _, title in links_of(place, file.id))}
    assert shown == {"Physics", "Chemistry"}
    assert place.run().count("there").files == 1  # the bucket holds nothing new


def links_of(place: Place, file_id: int) -> list[tuple[int, str]]:
    with place.wiring.catalog.read() as db:
        return links.of_files(db, [file_id])[file_id]


def test_several_addresses_in_one_cell_come_each(place: Place, web: Web) -> None:
    urls = [web.put("/a.pdf", pdf("a")), web.put("/b.pdf", pdf("b"))]
    done = place.run(place.table("t.json", json.dumps([{"title": "Both", "file_urls": urls}])))
    assert done.count("done").files == 2
    assert sorted(place.files()) == ["a.pdf", "b.pdf"]


def test_a_file_that_is_too_large_is_refused_before_it_fills_the_disk(place: Place, web: Web) -> None:
    small = opened(place.folder, place.server, place.bucket, MAX_UPLOAD_MB="1", STUDY_BUDDY_ALLOW_HOSTS="127.0.0.1")
    try:
        url = web.put("/big.m4a", m4a() + bytes(2 * MIB))
        there = Place(small, place.server, place.bucket, place.folder)
        done = there.run(there.table("t.csv", csv(("audio_url",), (url,))))
        assert "larger than the limit" in there.problems(done)["row 1, audio_url"]
    finally:
        small.close()


def test_a_token_is_forgotten_when_its_file_is_here_and_never_shown(place: Place, web: Web) -> None:
    url = f"{web.put('/a.m4a', m4a())}?token=geheim"
    bad = f"{web.url}/gone.m4a?token=geheim"
    done = place.run(place.table("t.csv", csv(("audio_url",), (url,), (bad,), ("http://me:geheim@x.example/",))))
    items = place.wiring.imports.items(done.id)
    assert [item.state for item in items] == ["done", "failed", "failed"]
    assert all("geheim" not in f"{item.wanted.origin_url}{item.error}" for item in items)
    assert "geheim" not in items[0].wanted.address
    assert "geheim" in items[1].wanted.address  # it is needed to try again
    assert place.all_files()[0].origin_url == f"{web.url}/a.m4a"


@pytest.mark.parametrize(
    ("name", "content", "expected", "kept"),
    [
        ("a.m4a", m4a(), "audio", True),
        ("a", m4a(), None, True),
        ("a.html", PAGE, None, True),
        ("a.html", PAGE, "document", True),
        ("a", PAGE, "document", False),
        ("a.pdf", ERROR, None, False),
        ("a.pdf", pdf(), "audio", True),
        ("notes.txt", b"notes", "document", True),
        ("notes.txt", b"notes", "audio", False),
        ("a", ERROR, None, True),
        ("a.txt", b"", None, False),
    ],
)
def test_what_may_be_kept(name: str, content: bytes, expected: Kind | None, kept: bool) -> None:
    found = detect_in(BytesIO(content), name)
    try:
        check_bytes(found, name, size=len(content), expected=expected)
    except InvalidInputError:
        assert not kept
    else:
        assert kept
