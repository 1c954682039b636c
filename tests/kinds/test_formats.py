"""What is known of each format: its extension, whether browsers show and play it, its length."""

import logging
from pathlib import Path

import pytest

from studybuddy.kinds import EXTENSIONS, FORMATS, duration_ms, extension_of, inline_safe, plays_in_browser
from tests import samples


def test_every_extension_fits_a_key() -> None:
    assert all(1 <= len(extension) <= 8 and extension.isalnum() and extension.islower() for extension in EXTENSIONS)


def test_only_what_cannot_hold_a_script_is_shown_inline() -> None:
    inline = {name for name, known in FORMATS.items() if inline_safe(known.content_type)}
    assert inline >= {"pdf", "png", "jpg", "gif", "webp", "mp3", "m4a", "txt", "md", "csv", "vtt"}
    assert not inline & {"svg", "html", "ipynb", "zip", "bin", "docx", "epub", "rtf"}
    assert inline_safe("text/plain; charset=utf-8")
    assert not inline_safe("text/html; charset=utf-7")
    assert not inline_safe("audio/x-unheard-of")


def test_recordings_that_every_browser_plays_are_told() -> None:
    assert all(plays_in_browser(FORMATS[name].content_type) for name in ("m4a", "mp3", "wav", "ogg", "webm", "flac"))
    assert not any(plays_in_browser(FORMATS[name].content_type) for name in ("wma", "amr", "caf", "pdf"))


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.wav", samples.wav(1.5), 1500),
        ("a.m4a", samples.m4a(7200), 7_200_000),
        ("a.flac", samples.flac(61), 61_000),
        ("a.aac", samples.aac(), None),
        ("a.webm", samples.webm(), None),
        ("a.pdf", samples.pdf("x"), None),
        ("a.flac", samples.flac(8 * 24 * 3600), None),
        ("a.wav", b"", None),
    ],
)
def test_the_length_of_a_recording_is_told_where_its_bytes_tell(
    tmp_path: Path, name: str, content: bytes, expected: int | None
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert duration_ms(path) == expected


def test_a_damaged_recording_has_no_length_and_one_line_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.flac"
    path.write_bytes(samples.flac()[:20])
    with caplog.at_level(logging.WARNING):
        assert duration_ms(path) is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_content_type_tells_the_extension_of_a_key() -> None:
    assert [extension_of(one) for one in ("audio/mp4", "audio/ogg", "text/plain; charset=utf-8", "x/y")] == [
        "m4a", "ogg", "txt", "bin",
    ]  # fmt: skip
    assert {extension_of(known.content_type) for known in FORMATS.values()} <= EXTENSIONS
