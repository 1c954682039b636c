"""The prices that are shipped."""

import json
import re
from pathlib import Path

import pytest

from studybuddy.costs.classes import CLASSES
from studybuddy.costs.price_list import RATES
from studybuddy.costs.prices import SHIPPED, load, parse
from studybuddy.errors import InvalidInputError, NotFoundError

DOCUMENT = json.loads(SHIPPED.read_text("utf-8"))


def test_every_figure_has_its_unit_its_source_and_its_date() -> None:
    book = load()
    assert len(book.regions) == 32
    for prices in book.regions.values():
        for price in prices.by_name.values():
            assert price.unit and price.source and re.search("20[0-9]{2}", price.as_of), price


def test_no_figure_is_missing_unnoticed() -> None:
    for code, prices in load().regions.items():
        known = {name for name in prices.by_name if name.startswith(("storage", "request", "transition"))}
        assert {
            f"storage.{name}" for name in CLASSES if name not in {"STANDARD", "INTELLIGENT_TIERING", "EXPRESS_ONEZONE"}
        } <= known, code
        assert {f"storage.STANDARD.{tier}" for tier in (1, 2, 3)} <= known, code


def test_names_are_those_that_a_refresh_finds() -> None:
    own = ("transfer.region.", "acceleration.", "kms.")
    found = {rate.name for rate in RATES if not rate.tiers}
    found |= {f"{rate.name}.{number}" for rate in RATES for number, _ in enumerate(rate.tiers, start=1)}
    names = {name for prices in load().regions.values() for name in prices.by_name if not name.startswith(own)}
    assert names <= found


def test_what_is_not_known_is_not_there() -> None:
    assert load().of("me-central-1").get("transfer.internet.1") is None
    assert load().of("eu-west-1").get("storage.EXPRESS_ONEZONE") is None
    with pytest.raises(NotFoundError) as caught:
        load().of("mars-north-1")
    assert "eu-west-1" in caught.value.fix


@pytest.mark.parametrize("usd", ["-1", "NaN", "Infinity", "cheap", 0.5, None, "1e-40"])
def test_a_figure_that_is_no_price_is_refused(usd: object) -> None:
    wrong = json.loads(json.dumps(DOCUMENT))
    wrong["everywhere"]["page"]["acceleration.out"] = usd
    with pytest.raises(InvalidInputError):
        parse(wrong, where="a file")


def test_a_broken_file_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "prices.json").write_text("{")
    with pytest.raises(InvalidInputError) as caught:
        load(tmp_path / "prices.json")
    assert "Remove the file" in caught.value.fix
