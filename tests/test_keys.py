import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studybuddy.errors import InvalidKeyError
from studybuddy.keys import MAX_KEY_BYTES, another, check_key, file_key, is_of_a_file, lecture_of, others, recording_key
from studybuddy.kinds import EXTENSIONS

FOREIGN = [
    "",
    "/",
    "..",
    "../../etc/passwd",
    "/etc/cron.d/x",
    "....//....//x",
    "a/b//c/./d.pdf",
    "a/../b",
    "audio/.hidden",
    "audio/",
    "a\x00.pdf",
    "a.pdf\n",
    "a b.pdf",
    "a.PDF",
    "a.pdf.html",
    "ä.pdf",
    "a\\b",
    "a" * 1021 + ".pdf",
    ".study-buddy/marker",
]


def test_keys_have_the_seeds_structure() -> None:
    assert re.fullmatch(r"audio/7_[0-9a-f]{32}\.m4a", recording_key(7, "m4a"))
    assert re.fullmatch(r"study-sessions/9/[0-9a-f]{32}\.pdf", file_key(9, "pdf"))


def test_no_key_is_minted_twice() -> None:
    assert len({file_key(1, "pdf") for _ in range(1000)}) == 1000


@pytest.mark.parametrize("extension", sorted(EXTENSIONS))
def test_every_key_of_ours_passes_its_own_check(extension: str) -> None:
    for key in (recording_key(2**63 - 1, extension), file_key(2**63 - 1, extension)):
        assert check_key(key) == key


@pytest.mark.parametrize("key", FOREIGN)
def test_a_key_of_another_form_is_refused(key: str) -> None:
    with pytest.raises(InvalidKeyError) as caught:
        check_key(key)
    assert len(str(caught.value)) < 400


def test_a_seeds_picture_key_is_a_key() -> None:
    assert check_key("images/profiles/3_0123456789abcdef0123456789abcdef.jpg")


@pytest.mark.parametrize("key", [recording_key(7, "m4a"), file_key(9, "pdf")], ids=["recording", "file"])
def test_a_key_for_another_attempt_differs_only_in_its_uuid(key: str) -> None:
    new = another(key)
    assert new != key
    assert re.sub(r"[0-9a-f]{32}", "", new) == re.sub(r"[0-9a-f]{32}", "", key)
    assert check_key(new) == new


def test_keys_like_others_are_minted_each_for_itself() -> None:
    like = [file_key(9, "pdf")] * 500 + [recording_key(7, "m4a")]
    new = others(like)
    assert len({*new, *like}) == 503
    assert new[-1].startswith("audio/7_")
    assert all(is_of_a_file(key) for key in new)


def test_a_recordings_key_tells_its_lecture() -> None:
    assert lecture_of(recording_key(7, "m4a")) == 7
    assert lecture_of(file_key(7, "m4a")) is None


@given(st.text(max_size=250))
def test_whatever_passes_is_short_plain_and_stays_below_its_root(text: str) -> None:
    try:
        key = check_key(text)
    except InvalidKeyError:
        return
    assert len(key) <= MAX_KEY_BYTES
    assert key.isascii()
    assert all(part not in ("", ".", "..") for part in key.split("/"))


@given(st.from_regex(r"(?:[A-Za-z0-9][A-Za-z0-9_-]{0,9}/){0,4}[a-z0-9]{1,9}(?:\.[a-z0-9]{1,8})?", fullmatch=True))
def test_plain_keys_pass(key: str) -> None:
    assert check_key(key) == key


def test_only_minted_keys_are_told_to_be_of_a_file() -> None:
    assert is_of_a_file(recording_key(7, "m4a"))
    assert is_of_a_file(file_key(9, "pdf"))
    assert not is_of_a_file("audio/x.m4a")
    assert not is_of_a_file("notes/d41d8cd98f00b204e9800998ecf8427e.txt")
