"""Zips that are broken, or mean harm: told, and nothing is lost or made of them."""

import json
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studybuddy.errors import InvalidInputError, TooLargeError
from studybuddy.wiring import Wiring
from tests.session_zip.zips import add, brought, count, exported, rewritten, told


def test_a_damaged_file_is_told_the_others_come(wiring: Wiring, other: Wiring, session_id: int, tmp_path: Path) -> None:
    path = exported(wiring, session_id, tmp_path / "heat.zip")
    rewritten(
        path, lambda name, content: (name, content.replace(b"RIFF", b"RAFF") if name.endswith(".wav") else content)
    )
    came = brought(other, path)
    assert [(one.name, one.error.code) for one in came.failed] == [("week 1.wav", "integrity")]
    kept = told(other, came.session.id)
    assert len(kept["files"]) == 5
    assert [mark[2] for mark in kept["marks"]] == ["Ask\n\n*why*", ""], "notes stay with their lecture"
    assert ("week 1", None, None) in kept["lectures"]


def test_a_bit_that_fell_over_is_found(wiring: Wiring, other: Wiring, session_id: int, tmp_path: Path) -> None:
    path = exported(wiring, session_id, tmp_path / "heat.zip")
    content = bytearray(path.read_bytes())
    content[content.index(b"RIFF") + 900] ^= 1
    path.write_bytes(content)
    assert [one.name for one in brought(other, path).failed] == ["week 1.wav"]


def test_nothing_is_made_of_a_zip_that_is_cut_off_or_none(
    wiring: Wiring, other: Wiring, session_id: int, tmp_path: Path
) -> None:
    whole = exported(wiring, session_id, tmp_path / "heat.zip").read_bytes()
    for number, content in enumerate([whole[:-200], whole[: len(whole) // 2], b"", b"no zip"]):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(content)
        with pytest.raises(InvalidInputError, match="no whole zip"):
            brought(other, path)
    with pytest.raises(InvalidInputError, match="There is no"):
        brought(other, tmp_path / "nowhere.zip")
    assert count(other) == 0


def test_without_any_file_that_is_whole_there_is_no_session(wiring: Wiring, other: Wiring, tmp_path: Path) -> None:
    wiring.library.create_session("Heat")
    add(wiring, "a.txt", b"words")
    path = rewritten(
        exported(wiring, 1, tmp_path / "heat.zip"),
        lambda name, content: None if name.startswith("files/") else (name, content),
    )
    with pytest.raises(InvalidInputError, match=r"a\.txt' is not in the zip"):
        brought(other, path)
    assert count(other) == 0


def test_names_that_lead_out_or_come_twice_are_refused(other: Wiring, tmp_path: Path) -> None:
    path = tmp_path / "evil.zip"
    for name in ("../out.txt", "/etc/out", "a/../../b", "C:/out", "a\\b", "a//b"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a_b", b"x")
        path.write_bytes(path.read_bytes().replace(b"a_b", b"a\\b"))
        if name != "a\\b":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr(zipfile.ZipInfo(name), b"x")
        with pytest.raises(InvalidInputError, match="leads out of it"):
            brought(other, path)
    for names in (("a.txt", "a.txt"), ("a.txt", "A.TXT")):
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
            warnings.simplefilter("ignore")
            for name in names:
                archive.writestr(name, b"x")
        with pytest.raises(InvalidInputError, match="same name"):
            brought(other, path)


def test_bombs_are_refused_before_they_go_off(other: Wiring, tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(60):
            with archive.open(f"{number}", "w") as entry:
                entry.write(bytes(8_000_000))
    with pytest.raises(TooLargeError, match="would unpack to"):
        brought(other, path)


def test_an_entry_that_lies_about_its_size_gives_no_more_than_it_said(
    wiring: Wiring, other: Wiring, tmp_path: Path
) -> None:
    wiring.library.create_session("Heat")
    add(wiring, "a.txt", b"words " * 1000)
    add(wiring, "b.txt", b"other words")
    path = exported(wiring, 1, tmp_path / "heat.zip")
    content = path.read_bytes()
    place = content.rindex(b"PK\x01\x02", 0, content.rindex(b"files/a.txt"))
    path.write_bytes(content[: place + 24] + struct.pack("<L", 100) + content[place + 28 :])
    assert [one.name for one in brought(other, path).failed] == ["a.txt"]


def test_a_file_over_the_limit_is_told(wiring: Wiring, other: Wiring, tmp_path: Path) -> None:
    wiring.library.create_session("Heat")
    add(wiring, "a.txt", b"words")
    path = exported(wiring, 1, tmp_path / "heat.zip")
    large = bytes(11 * 2**20)

    def grown(name: str, content: bytes) -> tuple[str, bytes]:
        if name != "manifest.json":
            return name, large
        document = json.loads(content)
        document["files"][0]["size"] = len(large)
        return name, json.dumps(document).encode()

    with pytest.raises(TooLargeError, match="larger than the limit"):
        brought(other, rewritten(path, grown))
    assert count(other) == 0


_BAD: list[Callable[[dict[str, Any]], object]] = [
    lambda found: found.clear(),
    lambda found: found.update(version=2),
    lambda found: found.pop("files"),
    lambda found: found["files"][0].update(sha256="x"),
    lambda found: found["files"][0].update(size=-1),
    lambda found: found["files"][0].update(size=True),
    lambda found: found["files"][0].update(created_at="yesterday"),
    lambda found: found["files"][0].update(created_at="2026-99-99T00:00:00.000000Z"),
    lambda found: found["files"].append(found["files"][0]),
    lambda found: found["lectures"][0].update(recording=99),
    lambda found: found["lectures"][0].update(title=" "),
    lambda found: found["lectures"][0].update(recorded_on="soon"),
    lambda found: found["marks"][0].update(kind="card"),
    lambda found: found["marks"][0].update(lecture=0),
    lambda found: found["marks"][0].update(file=None, lecture=99),
    lambda found: found["cards"][0].update(stage=9),
    lambda found: found["cards"][0].update(guid="' OR 1"),
    lambda found: found["cards"][0].update(stability=float("nan")),
    lambda found: found["session"].update(title=["x"]),
    lambda found: found["session"].update(tags="x"),
    lambda found: found["session"].update(title="x" * 400),
]


def test_a_manifest_that_is_wrong_makes_nothing(wiring: Wiring, other: Wiring, session_id: int, tmp_path: Path) -> None:
    path = exported(wiring, session_id, tmp_path / "heat.zip")
    with zipfile.ZipFile(path) as archive:
        content = archive.read("manifest.json")
    for spoil in _BAD:
        document = json.loads(content)
        spoil(document)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("manifest.json", json.dumps(document))
        with pytest.raises(InvalidInputError) as refused:
            brought(other, path)
        assert "is not in the zip" not in str(refused.value), document
    assert count(other) == 0
