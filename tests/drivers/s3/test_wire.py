"""Requests over our own connections: kept and dropped rightly, through proxies, and broken in every place."""

import hashlib
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.credentials import Credentials
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
)

from studybuddy.drivers.counters import Counter
from studybuddy.drivers.s3.connections import Connections, Patience
from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.drivers.s3.signing import Request
from studybuddy.drivers.s3.wire import Answer, Wire
from studybuddy.units import KIB, MIB
from tests.contracts.base import KEY, get, put
from tests.contracts.sources import some_bytes
from tests.servers import strict_s3
from tests.servers.lines import OK, Lines, head_of, line_server, pass_on
from tests.servers.place import Server
from tests.servers.process import free_port
from tests.servers.web import certificate_of

SOON = Patience(answer=1.0, send=1.0)
PATIENT = Patience(answer=30.0, send=30.0)
GET = Request("GetObject", "GET", "/bucket/key")


def wire(url: str, counter: Counter | None = None) -> Wire:
    keys = Credentials("AKIAEXAMPLE", "very-secret")
    connections = Connections(url, seconds=5)
    return Wire(connections, root="/bucket", region="us-east-1", credentials=keys, counter=counter or Counter())


def taken(answer: Answer, *, seconds: float) -> bytes:
    """Return the rest of an answer's body, piece by piece."""
    buffer = memoryview(bytearray(256 * KIB))
    return b"".join(iter(lambda: bytes(buffer[: answer.read_into(buffer, seconds=seconds)]), b""))


def answering(*answers: bytes) -> Callable[[Lines, socket.socket], None]:
    """Return what answers one request after another on a connection, and closes it then."""

    def serve(lines: Lines, line: socket.socket) -> None:
        for answer in answers:
            lines.heads.append(head_of(line))
            line.sendall(answer)

    return serve


def holding(lines: Lines, line: socket.socket) -> None:
    """Answer as long as it is asked."""
    while head := head_of(line):
        lines.heads.append(head)
        line.sendall(OK)


def test_one_connection_serves_one_request_after_another() -> None:
    with line_server(holding) as server:
        asked = wire(server.url)
        assert [asked.ask(GET, patience=PATIENT).content() for _ in range(3)] == [b"ok"] * 3
        assert server.connections == 1


def test_a_connection_whose_answer_was_not_taken_to_its_end_is_not_used_again() -> None:
    with line_server(holding) as server:
        asked = wire(server.url)
        asked.ask(GET, patience=PATIENT).close()
        assert asked.ask(GET, patience=PATIENT).content() == b"ok"
        assert server.connections == 2


@pytest.mark.parametrize("last", [OK, OK.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n")], ids=["unsaid", "said"])
def test_a_connection_that_the_server_has_closed_is_not_used_again(last: bytes) -> None:
    with line_server(answering(last)) as server:
        asked = wire(server.url)
        for _ in range(3):
            assert asked.ask(GET, patience=PATIENT).content() == b"ok"
            time.sleep(0.1)  # until it is closed there
        assert server.connections == 3


def test_who_refuses_a_body_before_its_end_is_heard() -> None:
    refusal = b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
    answer = b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n%s" % (len(refusal), refusal)

    def serve(lines: Lines, line: socket.socket) -> None:
        lines.heads.append(head_of(line))
        line.sendall(answer)
        line.shutdown(socket.SHUT_WR)
        line.recv(MIB)
        time.sleep(0.3)

    with line_server(serve) as server, pytest.raises(ClientError) as raised:
        request = Request("PutObject", "PUT", "/bucket/key")
        wire(server.url).ask(request, body=memoryview(bytes(64 * MIB)), patience=SOON)
    assert raised.value.response["Error"]["Code"] == "AccessDenied"
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 O", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"]
)
def test_an_answer_that_breaks_off_is_told(answer: bytes) -> None:
    with line_server(answering(answer)) as server, pytest.raises(ConnectionClosedError):
        wire(server.url).ask(GET, patience=PATIENT).content()


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"])
def test_an_answer_that_does_not_come_is_waited_for_no_longer_than_was_said(begun: bytes) -> None:
    def serve(lines: Lines, line: socket.socket) -> None:
        answering(begun)(lines, line)
        line.recv(1)  # until the other side gives up

    with line_server(serve) as server:
        started = time.monotonic()
        with pytest.raises(ReadTimeoutError):
            wire(server.url).ask(GET, patience=SOON).content()
        assert 0.9 < time.monotonic() - started < 20


def test_a_body_that_drips_is_given_up_and_one_that_is_only_slow_is_not() -> None:
    size = 512 * KIB

    def serve(step: int) -> Callable[[Lines, socket.socket], None]:
        def dripping(lines: Lines, line: socket.socket) -> None:
            answering(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)(lines, line)
            for _ in range(size // step):
                line.sendall(bytes(step))
                time.sleep(0.1)

        return dripping

    def read(url: str) -> int:
        answer = wire(url).ask(GET, patience=SOON)
        return len(taken(answer, seconds=0.5))

    with line_server(serve(64 * KIB)) as server:
        assert read(server.url) == size
    with line_server(serve(KIB)) as server, pytest.raises(ReadTimeoutError):
        read(server.url)


def test_an_answer_in_chunks_is_read_whole() -> None:
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    counter = Counter()
    with line_server(answering(chunks, chunks)) as server:
        asked = wire(server.url, counter)
        assert asked.ask(GET, patience=PATIENT).content() == b"abcde"
        answer = asked.ask(GET, patience=PATIENT)
        assert taken(answer, seconds=30) == b"abcde"
        assert server.connections == 1
    assert {one.what: one.amount for one in counter.take()} == {"get": 2, "received": 10}


def test_a_server_that_is_not_there_is_asked_nothing() -> None:
    counter = Counter()
    with pytest.raises(EndpointConnectionError) as raised:
        wire(f"http://127.0.0.1:{free_port()}", counter).ask(GET, patience=PATIENT)
    assert "refused" in str(raised.value.kwargs["error"])
    assert counter.take() == []


def test_a_proxy_is_told_the_server_and_its_own_password(monkeypatch: pytest.MonkeyPatch) -> None:
    with line_server(holding) as server, line_server(pass_on) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("//", "//anna:pass%20word@"))
        monkeypatch.setenv("no_proxy", "")
        assert wire(server.url).ask(GET, patience=PATIENT).content() == b"ok"
        assert proxy.heads[0].startswith(f"GET {server.url}/bucket/key HTTP/1.1\r\n")
        assert "proxy-authorization: Basic YW5uYTpwYXNzIHdvcmQ=" in proxy.heads[0]
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert wire(server.url).ask(GET, patience=PATIENT).content() == b"ok"
        assert (len(proxy.heads), len(server.heads)) == (1, 2)


def test_a_proxy_that_is_not_there_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://anna:very-secret@127.0.0.1:{free_port()}")
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(ProxyConnectionError) as raised:
        wire("http://127.0.0.1:9").ask(GET, patience=PATIENT)
    assert "secret" not in str(raised.value)


def test_an_encrypted_storage_behind_a_proxy_is_spoken_to_through_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = tmp_path / "host.pem"
    pem.write_bytes(certificate_of("localhost"))
    data = some_bytes(3 * MIB)
    with strict_s3.strict_s3_server(tmp_path, cert=pem, key=pem) as url, line_server(pass_on) as proxy:
        named = Server(url.replace("127.0.0.1", "localhost"), strict_s3.ACCESS_KEY, strict_s3.SECRET_KEY)
        monkeypatch.setenv("https_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        with pytest.raises(SSLError):
            wire(named.url).ask(GET, patience=PATIENT)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(pem))
        driver = S3Driver(named.settings(named.new_bucket()))
        put(driver, KEY, data)
        assert hashlib.sha256(get(driver, KEY)).digest() == hashlib.sha256(data).digest()
        assert {head.split()[0] for head in proxy.heads} == {"CONNECT"}


def test_connections_that_rest_for_long_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    with line_server(holding) as server:
        asked = wire(server.url)
        begun = [asked.begin(GET, patience=PATIENT) for _ in range(5)]
        assert [one.answer().content() for one in begun] == [b"ok"] * 5
        assert len(asked._connections._idle) == 5
        monkeypatch.setattr("studybuddy.drivers.s3.connections._IDLE_S", 0.0)
        asked.ask(GET, patience=PATIENT).content()
        assert len(asked._connections._idle) <= 1
        assert server.connections == 6


def test_when_one_connection_has_fallen_silent_those_that_rest_are_not_waited_for_either() -> None:
    def once_when_they_were_five(lines: Lines, line: socket.socket) -> None:
        if lines.connections > 5:
            holding(lines, line)
        lines.heads.append(head_of(line))
        line.sendall(OK)
        head_of(line)
        time.sleep(30)

    with line_server(once_when_they_were_five) as server:
        asked = wire(server.url)
        begun = [asked.begin(GET, patience=PATIENT) for _ in range(5)]
        assert [one.answer().content() for one in begun] == [b"ok"] * 5
        with pytest.raises(ReadTimeoutError):
            asked.ask(GET, patience=SOON)
        assert asked.ask(GET, patience=SOON).content() == b"ok"
        assert server.connections == 6
