"""An extractor for tests: its files hold lines that say what to do; every other line is a page."""

import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from studybuddy.processing.results import Cue, Derived, Facts, Page, Progress, Remark, Result, UnreadableError

VERSION = 7


def extract(source: Path, *, kind: str, content_type: str, name: str, into: Path) -> Iterator[Result]:
    print("libraries may print")
    yield Facts({"kind": kind, "name": name, "content_type": content_type})
    number = 0
    for line in source.read_text("utf-8", "surrogateescape").splitlines():
        word, _, rest = line.partition(" ")
        if word.startswith("!"):
            yield from _do(word[1:], rest, into)
        else:
            number += 1
            yield Page(number, line)
    yield Progress(1.0)


def _do(word: str, rest: str, into: Path) -> Iterator[Result]:
    _misbehave(word, rest)
    yield from _found(word, rest, into)


def _misbehave(word: str, rest: str) -> None:
    match word:
        case "encrypted":
            raise UnreadableError("The document is encrypted", fix="Save it without a password.")
        case "bug":
            raise KeyError(rest)
        case "bomb":
            bytearray(8 * 1024**3)
        case "spin":
            while True:
                pass
        case "die":
            os.kill(os.getpid(), getattr(signal, rest))
        case "leave":
            sys.exit(3)
        case "lie":
            os.write(3, rest.encode() + b"\n")


def _found(word: str, rest: str, into: Path) -> Iterator[Result]:
    match word:
        case "sleep":
            yield Progress(0.4)
            time.sleep(float(rest))
        case "cue":
            start, end, text = rest.split(" ", 2)
            yield Cue(int(start), int(end), text)
        case "made":
            (into / "peaks").write_text(rest)
            yield Derived("peaks", into / "peaks", "application/json")
        case "odd":
            (into / "peaks").write_text(rest)
            yield Derived("peaks", into / "peaks", "video/x-odd")
        case "steal":
            yield Derived("peaks", Path(rest), "application/json")
        case "remark":
            yield Remark(rest)
        case "facts":
            yield Facts({"duration_ms": int(rest)})
        case "many":
            yield from (Page(number, "x" * 1000) for number in range(1, int(rest) + 1))
        case "long":
            yield Page(1, "y" * int(rest))
        case "look":
            yield Facts({"network": _reaches(rest), "secret": os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
                         "nice": os.nice(0), "memory": resource.getrlimit(resource.RLIMIT_AS)[0]})  # fmt: skip


def _reaches(address: str) -> str:
    host, port = address.split(":")
    try:
        socket.create_connection((host, int(port)), timeout=2).close()
    except OSError as error:
        return type(error).__name__
    return "reached"
