"""Files behind http(s) addresses: what is fetched, and what is not even asked for."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from studybuddy.drivers import public
from studybuddy.drivers.public import Resolve
from studybuddy.drivers.url import Deadlines, UrlSource
from studybuddy.errors import (
    InvalidInputError,
    ObjectNotFoundError,
    PermissionDeniedError,
    StorageError,
    StudyBuddyError,
    UnavailableError,
    UnsupportedError,
)
from tests.servers.web import Page, Web, certificate_of, web_server

QUICK = Deadlines(connect=1, answer=1, retry=0.3, standstill=1, whole=5)
HOME = "127.0.0.1"


@pytest.fixture
def web() -> Iterator[Web]:
    with web_server() as found:
        yield found


@pytest.fixture
def allowing() -> UrlSource:
    return UrlSource([HOME], deadlines=QUICK)


def body(source: UrlSource, url: str) -> bytes:
    with source.open(url) as fetched:
        return fetched.read()


def refused(source: UrlSource, url: str) -> StudyBuddyError:
    with pytest.raises(StudyBuddyError) as caught:
        body(source, url)
    return caught.value


def named(**hosts: str) -> Resolve:
    """Return a resolver that knows these hosts; addresses are what they are."""

    def resolve(host: str, port: int) -> list[str]:
        own = hosts.get(host.replace(".", "_"))
        return [own] if own else public.resolve(host, port)

    return resolve


def test_a_file_comes_with_its_name_size_and_time(web: Web, allowing: UrlSource) -> None:
    url = web.put("/a/Week%201.m4a", b"sound" * 1000, Last_Modified="Wed, 01 May 2024 10:00:00 GMT")
    with allowing.open(f"{url}?x=1#part") as fetched:
        assert (fetched.name, fetched.size) == ("Week 1.m4a", 5000)
        assert fetched.modified_at == datetime(2024, 5, 1, 10, tzinfo=UTC)
        assert fetched.read(3) + fetched.read() == b"sound" * 1000
    assert web.asked[-1][1] == "/a/Week%201.m4a?x=1"
    web.put("/download", b"x", Content_Disposition="attachment; filename*=UTF-8''..%2Fh%C3%A9.pdf")
    with allowing.open(f"{web.url}/download") as fetched:
        assert fetched.name == "hé.pdf"


def test_redirects_are_followed_a_few_times(web: Web, allowing: UrlSource) -> None:
    web.put("/end", b"here")
    web.pages["/one"] = Page(status=302, headers={"Location": "/two?q=1"})
    web.pages["/two"] = Page(status=307, headers={"Location": f"{web.url}/end"})
    assert body(allowing, f"{web.url}/one") == b"here"
    web.pages["/round"] = Page(status=301, headers={"Location": "/round"})
    assert isinstance(refused(allowing, f"{web.url}/round"), UnsupportedError)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "2130706433", "0177.0.0.1", "0x7f.1", "127.1", "[::1]", "[::ffff:127.0.0.1]",
        "0.0.0.0", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "[fd00::1]", "[fe80::1]",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2002:808:808::]", "224.0.0.1", "255.255.255.255", "198.18.0.1",
        "[::]", "[ff02::1]", "LOCALHOST",
    ],
)  # fmt: skip
def test_nothing_inside_a_network_is_asked(web: Web, host: str) -> None:
    port = urlsplit(web.url).port
    for scheme in ("http", "https"):
        assert isinstance(refused(UrlSource(deadlines=QUICK), f"{scheme}://{host}:{port}/"), PermissionDeniedError)
    assert web.asked == []


def test_a_name_that_leads_inside_is_refused_also_behind_a_redirect(web: Web) -> None:
    inside = UrlSource(resolve=named(evil_example="10.0.0.7"), deadlines=QUICK)
    assert isinstance(refused(inside, "http://evil.example/x"), PermissionDeniedError)
    both = UrlSource(resolve=lambda host, port: ["93.184.216.34", "192.168.0.1"], deadlines=QUICK)
    assert isinstance(refused(both, "http://two.example/x"), PermissionDeniedError)
    port = urlsplit(web.url).port
    source = UrlSource(["good.example"], resolve=named(good_example=HOME, bad_example=HOME), deadlines=QUICK)
    for target in (f"http://bad.example:{port}/", f"http://{HOME}:{port}/", "http://169.254.169.254/", "http://[::1]/"):
        web.pages["/away"] = Page(status=302, headers={"Location": target})
        asked = len(web.asked)
        assert isinstance(refused(source, f"http://good.example:{port}/away"), PermissionDeniedError)
        assert len(web.asked) == asked + 1


def test_what_an_address_alone_tells_is_told_without_asking_anybody() -> None:
    def never(host: str, port: int) -> list[str]:
        pytest.fail(f"{host} was looked up")

    source = UrlSource([HOME, "own.example"], resolve=never, deadlines=QUICK)
    for url in (f"http://{HOME}/x", "https://own.example/x", "https://93.184.216.34/x", "http://any.example:8000/x"):
        source.check(url)
    inside = ("10.0.0.7", "0x0a000007", "[::1]", "169.254.169.254", "localhost", "app.localhost", "127.0.0.2")
    for url in (f"http://{host}/x" for host in inside):
        with pytest.raises(PermissionDeniedError, match="it is not asked"):
            source.check(url)
    for url in ("ftp://any.example/x", "http://user:word@any.example/x", "any.example/x", "http://[::1"):
        with pytest.raises(InvalidInputError):
            source.check(url)


def test_a_redirect_to_something_that_is_no_web_address_is_refused(web: Web, allowing: UrlSource) -> None:
    for target in ("file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://user:word@127.0.0.1/"):
        web.pages["/away"] = Page(status=302, headers={"Location": target})
        assert isinstance(refused(allowing, f"{web.url}/away"), InvalidInputError)


def test_the_address_that_was_checked_is_the_one_connected_to(web: Web) -> None:
    answers = [[HOME], ["10.0.0.1"]]  # whoever asks a second time is led elsewhere
    source = UrlSource(["media.school.example"], resolve=lambda host, port: answers.pop(0), deadlines=QUICK)
    web.put("/x", b"here")
    assert body(source, f"http://media.school.example:{urlsplit(web.url).port}/x") == b"here"
    assert web.asked == [(f"media.school.example:{urlsplit(web.url).port}", "/x")]


def test_a_second_address_is_tried_when_the_first_does_not_answer(web: Web) -> None:
    source = UrlSource(["two.example"], resolve=lambda host, port: ["127.0.0.9", HOME], deadlines=QUICK)
    web.put("/x", b"here")
    assert body(source, f"http://two.example:{urlsplit(web.url).port}/x") == b"here"


def test_an_allowed_host_may_be_in_this_network_but_never_link_local() -> None:
    asking = named(own="169.254.169.254")
    with pytest.raises(PermissionDeniedError):
        public.addresses_of("own", 80, asking=asking, allowed=True)
    assert public.addresses_of("own", 80, asking=named(own="192.168.1.5"), allowed=True) == ["192.168.1.5"]
    mapped = named(own="::ffff:169.254.169.254")
    with pytest.raises(PermissionDeniedError):
        public.addresses_of("own", 80, asking=mapped, allowed=True)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"])
def test_everyones_addresses_are_asked(address: str) -> None:
    assert public.addresses_of("x", 80, asking=lambda host, port: [address], allowed=False) == [address]


def test_a_host_that_is_not_found_is_told(allowing: UrlSource) -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror("no such host")

    assert isinstance(refused(UrlSource(resolve=nobody, deadlines=QUICK), "http://x.example/"), UnavailableError)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, ObjectNotFoundError),
        (410, ObjectNotFoundError),
        (401, PermissionDeniedError),
        (403, PermissionDeniedError),
        (400, UnsupportedError),
        (429, UnavailableError),
        (503, UnavailableError),
        (206, UnsupportedError),
        (204, UnsupportedError),
    ],
)
def test_an_answer_that_is_no_file_is_an_error(
    web: Web, allowing: UrlSource, status: int, error: type[StorageError]
) -> None:
    web.pages["/x"] = Page(b"<html>secret words</html>" if status != 204 else b"", status)
    failure = refused(allowing, f"{web.url}/x?token=geheim")
    assert type(failure) is error
    assert "geheim" not in f"{failure}{failure.fix}"
    assert "secret" not in f"{failure}{failure.fix}"


def test_a_server_that_is_busy_is_asked_again(web: Web) -> None:
    web.pages["/x"] = Page(status=503, times=1, then=Page(b"here"))
    source = UrlSource([HOME], deadlines=Deadlines(retry=2))
    assert body(source, f"{web.url}/x") == b"here"


@pytest.mark.parametrize(
    "page",
    [
        Page(b"x" * 1000, cut_at=500),
        Page(b"x" * 1000, cut_at=0),
        Page(b"x" * 1000, drip_s=0.05),
        Page(b"x" * 100, drip_s=3),
    ],
    ids=["cut", "empty", "dripping", "silent"],
)
def test_a_body_that_does_not_come_whole_is_an_error(web: Web, allowing: UrlSource, page: Page) -> None:
    web.pages["/x"] = page
    assert isinstance(refused(allowing, f"{web.url}/x"), UnavailableError)


def test_a_certificate_must_be_that_of_the_host_that_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = tmp_path / "own.pem"
    certificate.write_bytes(certificate_of("media.example"))
    with web_server(certificate) as web:
        web.put("/x", b"here")
        port = urlsplit(web.url).port
        hosts = named(media_example=HOME, other_example=HOME)
        source = UrlSource(["media.example", "other.example"], resolve=hosts, deadlines=QUICK)
        assert "not trusted" in str(refused(source, f"https://media.example:{port}/x"))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert body(source, f"https://media.example:{port}/x") == b"here"
        assert "not trusted" in str(refused(source, f"https://other.example:{port}/x"))
        assert web.asked == [(f"media.example:{port}", "/x")]


def test_packed_bytes_are_refused(web: Web, allowing: UrlSource) -> None:
    url = web.put("/x", b"xxxx", Content_Encoding="gzip")
    assert isinstance(refused(allowing, url), UnsupportedError)


@pytest.mark.parametrize(
    "url", ["", "ftp://x.example/", "file:///etc/passwd", "http://", "//x/y", "http://a:b@x.example/", "http://[fe80::1%25lo]/"]
)  # fmt: skip
def test_what_is_no_web_address_is_refused(allowing: UrlSource, url: str) -> None:
    assert isinstance(refused(allowing, url), InvalidInputError)
