"""Every spelling of an address leads to the same object."""

from pathlib import Path

import pytest

from studybuddy.drivers.local.driver import LocalDriver
from studybuddy.errors import InvalidInputError
from studybuddy.importing.addresses import Addresses, named_at_supabase
from studybuddy.settings.places import Secret, SupabaseSettings
from studybuddy.storage import Storage

HOST = "https://abcdefgh.supabase.co"
ONE = f"{HOST}/storage/v1/object/public/lecture%20audio/Week%201/7_x.m4a"
SPELLINGS = (
    ONE,
    f"{ONE}?",
    f"  {ONE}\n",
    f"{ONE}?download=",
    f"{ONE}#t=10",
    f"{HOST}/storage/v1//object/public/lecture%20audio/Week%201/7_x.m4a",
    f"{HOST}//storage/v1/object/public/lecture%20audio/Week%201/7_x.m4a",
    f"{HOST}/storage/v1/object/public/lecture audio/Week 1/7_x.m4a",
    f"{HOST}/storage/v1/object/sign/lecture%20audio/Week%201/7_x.m4a?token=ey.ey.x",
    f"{HOST}/storage/v1/object/authenticated/lecture%20audio/Week%201/7_x.m4a",
    f"{HOST}/storage/v1/object/lecture%20audio/Week%201/7_x.m4a",
    f"{HOST}/storage/v1/render/image/public/lecture%20audio/Week%201/7_x.m4a?width=200",
    f"{HOST}/storage/v1/render/image/sign/lecture%20audio/Week%201/7_x.m4a?token=x&width=2",
    f"{HOST}/storage/v1/s3/lecture%20audio/Week%201/7_x.m4a",
    "https://abcdefgh.supabase.in/storage/v1/object/public/lecture%20audio/Week%201/7_x.m4a",
    "https://abcdefgh.storage.supabase.co/storage/v1/s3/lecture%20audio/Week%201/7_x.m4a",
    "HTTPS://ABCDEFGH.supabase.co/storage/v1/object/public/lecture%20audio/Week%201/7_x.m4a",
    "http://media.school.example/storage/v1/object/public/lecture%20audio/Week%201/7_x.m4a",
)


@pytest.fixture
def addresses(tmp_path: Path) -> Addresses:
    place = SupabaseSettings(HOST, "lecture audio", Secret("x"))
    storage = Storage(7, "supabase", "", LocalDriver(tmp_path), "Supabase", place)
    return Addresses([storage], hosts=["Media.School.example"])


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_the_same_object(addresses: Addresses, spelling: str) -> None:
    found = addresses.locate(spelling)
    assert (found.origin_url, found.storage_id) == (ONE, 7)
    assert (found.address, found.name) == ("Week 1/7_x.m4a", "7_x.m4a")


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("b//lead.txt", "/lead.txt"),
        ("b/a//b.txt", "a//b.txt"),
        ("b/what%3F.m4a", "what?.m4a"),
        ("b/a+b%2Bc.txt", "a+b+c.txt"),
        ("b/a/../b.txt", "a/../b.txt"),
        ("b/100%25.txt", "100%.txt"),
        ("b/x;y:z@.txt", "x;y:z@.txt"),
    ],
)
def test_a_key_is_taken_as_it_is(path: str, key: str) -> None:
    assert named_at_supabase(f"{HOST}/storage/v1/object/public/{path}") == ("abcdefgh.supabase.co", "b", key)


def test_other_buckets_and_other_projects_are_fetched_like_anything_else(addresses: Addresses) -> None:
    for url in (
        f"{HOST}/storage/v1/object/public/other/x.m4a",
        "https://zzzz.supabase.co/storage/v1/object/public/lecture%20audio/x.m4a",
        "https://example.org/x.m4a?id=7",
    ):
        found = addresses.locate(url)
        assert (found.storage_id, found.address, found.origin_url, found.name) == (None, url, url, "x.m4a")
    rendered = addresses.locate("https://zzzz.supabase.co/storage/v1/render/image/public/b/x.png")
    assert rendered.address == "https://zzzz.supabase.co/storage/v1/object/public/b/x.png"


def test_what_signs_an_address_is_no_part_of_what_it_is_known_by(addresses: Addresses) -> None:
    signed = "https://b.s3.amazonaws.com/x.m4a?X-Amz-Signature=ab&X-Amz-Date=2024&versionId=3"
    found = addresses.locate(signed)
    assert (found.origin_url, found.address) == ("https://b.s3.amazonaws.com/x.m4a?versionId=3", signed)


@pytest.mark.parametrize(
    "text", ["", "x.m4a", "ftp://x/y", "javascript:alert(1)", "http://", "http://[x", "http://x:99999/"]
)  # fmt: skip
def test_what_is_no_address_is_refused(addresses: Addresses, text: str) -> None:
    with pytest.raises(InvalidInputError, match="no http"):
        addresses.locate(text)


def test_an_address_with_a_name_and_a_password_is_refused_without_telling_them(addresses: Addresses) -> None:
    with pytest.raises(InvalidInputError, match="holds a user's name") as refused:
        addresses.locate("https://someone:secret@example.org/x.m4a")
    assert "secret" not in f"{refused.value}{refused.value.fix}"


def test_buckets_that_are_no_longer_open_are_known_by_what_came_from_them() -> None:
    addresses = Addresses((), known=[ONE])
    for spelling in SPELLINGS[:-1]:
        assert addresses.locate(spelling).origin_url == ONE
