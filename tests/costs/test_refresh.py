"""Prices from lists in AWS's own shape: what is taken, and what is not believed."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from studybuddy.costs.price_list import read_offer
from studybuddy.costs.prices import load
from studybuddy.costs.refresh import public_lists, refresh
from studybuddy.drivers.s3.prices import price_lists
from studybuddy.errors import (
    ConflictError,
    InvalidInputError,
    PermissionDeniedError,
    StudyBuddyError,
    UnavailableError,
)
from studybuddy.settings.places import S3Settings, Secret
from tests.costs import bulk
from tests.costs.bulk import Row


def refreshed(tmp_path: Path, lists: dict[str, Any], region: str = "eu-west-1") -> Any:
    with bulk.serving(lists) as url:
        return refresh(load(), [region], tmp_path / "prices.json", read=public_lists(url))[0]


def changed(rows: list[Row], usage: str, usd: str) -> list[Row]:
    assert any(row[0] == usage for row in rows)
    return [(row[0], row[1], row[2], usd) if row[0] == usage else row for row in rows]


def test_prices_are_read_each_from_its_own_row() -> None:
    found: dict[str, Decimal] = {}
    for name, document in bulk.ireland().items():
        found |= read_offer(document, offer=name, region="eu-west-1").usd
    assert {name: str(usd.normalize()) for name, usd in found.items()} == {
        "storage.STANDARD.1": "0.023", "storage.STANDARD.2": "0.022", "storage.STANDARD.3": "0.021",
        "storage.INTELLIGENT_TIERING.frequent.1": "0.023", "storage.INTELLIGENT_TIERING.frequent.2": "0.022",
        "storage.INTELLIGENT_TIERING.frequent.3": "0.021", "storage.STANDARD_IA": "0.0126",
        "request.STANDARD.put": "0.005", "request.STANDARD.get": "0.0004",
        "transition.GLACIER": "0.03", "transition.DEEP_ARCHIVE": "0.05", "restore.GLACIER.standard": "0.05",
        "transition.STANDARD_IA": "0.01", "transition.GLACIER_IR": "0.02", "retrieval.STANDARD_IA": "0.01",
        "storage.DEEP_ARCHIVE": "0.00099", "request.DEEP_ARCHIVE.put": "0.05", "request.DEEP_ARCHIVE.part": "0.005",
        "retrieval.DEEP_ARCHIVE.standard": "0.02",
        "transfer.internet.1": "0.09", "transfer.internet.2": "0.085", "transfer.internet.3": "0.07",
        "transfer.internet.4": "0.05", "transfer.region.us-east-1": "0.02",
    }  # fmt: skip


def test_us_east_1_has_no_prefix_and_the_allowance_is_no_rate() -> None:
    found = read_offer(bulk.offer(bulk.transfer("")), offer="AWSDataTransfer", region="us-east-1").usd
    assert found["transfer.internet.1"] == Decimal("0.09")


def test_new_prices_stand_before_the_shipped_ones_and_the_rest_stays(tmp_path: Path) -> None:
    done = refreshed(tmp_path, bulk.ireland())
    shipped, now = load().of("eu-west-1"), load(tmp_path / "prices.json").of("eu-west-1")
    assert (changes := {change.name: change.usd for change in done.changes})["storage.STANDARD_IA"] == Decimal("0.0126")
    assert "storage.STANDARD.1" not in changes
    ia = now.get("storage.STANDARD_IA")
    assert ia and (ia.usd, ia.as_of) == (Decimal("0.0126"), "2026-11-01")
    assert "20261101000000" in ia.source
    assert "storage.GLACIER" in done.kept
    assert now.get("storage.GLACIER") == shipped.get("storage.GLACIER")
    assert now.title == shipped.title
    assert load(tmp_path / "prices.json").of("us-east-1") == load().of("us-east-1")
    assert [path.name for path in tmp_path.iterdir()] == ["prices.json"]


def test_another_region_later_keeps_the_first(tmp_path: Path) -> None:
    store = tmp_path / "prices.json"
    refreshed(tmp_path, bulk.ireland())
    with bulk.serving(bulk.ireland() | {"AWSDataTransfer": bulk.offer(bulk.transfer())}, "eu-west-3") as url:
        refresh(load(store), ["eu-west-3"], store, read=public_lists(url))
    for region in ("eu-west-1", "eu-west-3"):
        price = load(store).of(region).get("storage.STANDARD_IA")
        assert price and price.usd == Decimal("0.0126")


def with_usd(usage: str, usd: str) -> dict[str, Any]:
    return {"AmazonS3": bulk.offer(changed(bulk.storage(), usage, usd))}


def with_row(*row: str) -> dict[str, Any]:
    usage, operation, begin, usd = row
    return {"AmazonS3": bulk.offer([*bulk.storage(), (usage, operation, begin, usd)])}


@pytest.mark.parametrize(
    ("lists", "says"),
    [
        (with_usd("EU-TimedStorage-SIA-ByteHrs", "0.0200"), "STANDARD_IA is 0.02, it was 0.0125"),
        (with_usd("EU-Requests-Tier2", "0.0000001"), "request.STANDARD.get is 0.0001, it was 0.0004 (-75%)"),
        (with_usd("EU-Retrieval-SIA", "0"), "retrieval.STANDARD_IA is 0, it was 0.01 (-100%)"),
        ({"AmazonS3": bulk.offer(bulk.storage()[1:])}, "there is no storage.STANDARD.1"),
        ({"AWSDataTransfer": bulk.offer(bulk.transfer()[:-3])}, "there is no transfer.internet.4"),
        ({"AWSDataTransfer": bulk.offer(bulk.transfer()[:1])}, "there is no transfer.internet.1"),
        (with_row("EU-Requests-Tier1", "Other", "0", "0.0000060000"), "two prices for request.STANDARD.put"),
        (with_row("EU-TimedStorage-ByteHrs", "", "100", "0.01"), "begins at 100 GB"),
        ({"AmazonS3": b"<html>"}, "is no price list"),
        ({"AmazonS3": {"products": []}}, "has a shape that is not known"),
        ({"AmazonS3": None}, "answered 404"),
    ],
)  # fmt: skip
def test_what_cannot_be_believed_is_refused_with_what_was_found(
    tmp_path: Path, lists: dict[str, Any], says: str
) -> None:
    with pytest.raises(StudyBuddyError) as caught:
        refreshed(tmp_path, bulk.ireland() | lists)
    assert isinstance(caught.value, ConflictError | InvalidInputError | UnavailableError)
    assert says in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_move_of_half_is_still_taken(tmp_path: Path) -> None:
    lists = bulk.ireland() | with_usd("EU-Retrieval-SIA", "0.015")
    assert "retrieval.STANDARD_IA" in {change.name for change in refreshed(tmp_path, lists).changes}


def test_who_does_not_answer_is_told_plainly(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as caught:
        refresh(load(), ["eu-west-1"], tmp_path / "prices.json", read=public_lists("http://127.0.0.1:9"))
    assert "does not answer" in str(caught.value)


def test_only_a_region_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError):
        refresh(load(), ["../../x"], tmp_path / "prices.json", read=public_lists())


def test_an_account_s_query_gives_the_same_prices_page_by_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    public = refreshed(tmp_path, bulk.ireland())
    keys = S3Settings("bucket", "eu-west-1", access_key_id=bulk.KEY, secret_access_key=Secret("some-secret"))
    with bulk.answering(bulk.ireland()) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING", url)
        (asked,) = refresh(load(), ["eu-west-1"], tmp_path / "asked.json", read=price_lists(keys))
    assert [dict(offer.usd) for offer in asked.offers] == [dict(offer.usd) for offer in public.offers]
    assert (tmp_path / "asked.json").read_text() == (tmp_path / "prices.json").read_text()


def test_an_account_s_query_is_believed_no_more_than_the_public_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = bulk.ireland() | {"AmazonS3": bulk.offer(changed(bulk.storage(), "EU-TimedStorage-SIA-ByteHrs", "0"))}
    keys = S3Settings("bucket", "eu-west-1", access_key_id=bulk.KEY, secret_access_key=Secret("some-secret"))
    with bulk.answering(lists) as url, pytest.raises(ConflictError, match="STANDARD_IA is 0"):
        monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING", url)
        refresh(load(), ["eu-west-1"], tmp_path / "prices.json", read=price_lists(keys))
    assert not (tmp_path / "prices.json").exists()


def test_an_account_that_may_not_ask_is_told_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = S3Settings("bucket", "eu-west-1", access_key_id="AKIANOBODY", secret_access_key=Secret("some-secret"))
    with bulk.answering(bulk.ireland()) as url, pytest.raises(PermissionDeniedError) as told:
        monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING", url)
        refresh(load(), ["eu-west-1"], tmp_path / "prices.json", read=price_lists(keys))
    assert "pricing:GetProducts" in told.value.fix
    monkeypatch.setenv("AWS_ENDPOINT_URL_PRICING", "http://127.0.0.1:9")
    with pytest.raises(UnavailableError):
        refresh(load(), ["eu-west-1"], tmp_path / "prices.json", read=price_lists(keys))
