"""The limit of a month: how it stands, and where new files go while it would be exceeded."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from studybuddy import mode
from studybuddy.catalog import choices, usage
from studybuddy.errors import InvalidInputError
from studybuddy.settings import load_settings
from studybuddy.spending.budget import Budget, parse_limit
from studybuddy.units import GIB
from studybuddy.wiring import Wiring, open_all
from tests.servers.place import Server

MARCH = datetime(2026, 3, 11, 12, tzinfo=UTC)
FIVE = Budget(Decimal(5), local=True)


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    folders = {"UPLOADS_DIR": str(tmp_path / "uploads"), "STUDY_BUDDY_DATA": str(tmp_path / "data")}
    environ = {**folders, "STORAGE": "S3", "STUDY_BUDDY_BUCKET_NAME": "mine"}
    wiring = open_all(load_settings(environ, env_file=tmp_path / ".env"))
    yield wiring
    wiring.close()


def downloads(wiring: Wiring, gb: int) -> None:
    """Note what was read from the bucket this month; 100 GB are free, then each costs 9 cents."""
    with wiring.catalog.write() as db:
        url = wiring.storages().named("s3").identity
        usage.add_counts(db, url, [("2025-01-01", "delete", 1), ("2026-03-05", "received", gb * GIB)])


def test_a_month_stands_beside_its_limit(wiring: Wiring) -> None:
    assert wiring.budgets.status() is None
    wiring.budgets.set(Budget(Decimal("5.5")), now=MARCH)
    downloads(wiring, 130)
    status = wiring.budgets.status(now=MARCH)
    assert status is not None
    assert status.so_far.usd == 30 * Decimal("0.09")
    assert status.at_this_rate.usd.quantize(Decimal("0.01")) == Decimal("10.70")  # 130 in 30 days, 20.5 more of them
    assert (status.over, status.held) == (True, False)
    assert status.text.endswith("$2.70 so far, and will cost $10.70 at this rate; your limit is $5.50")
    assert wiring.storages().target.name == "s3"
    assert wiring.budgets.set(None) is None


def test_new_files_stay_here_only_while_the_month_would_cost_too_much(wiring: Wiring) -> None:
    wiring.budgets.set(FIVE, now=MARCH)
    assert wiring.storages().target.name == "s3"
    downloads(wiring, 130)
    wiring.budgets.review(now=MARCH)
    held = wiring.storages()
    assert (held.target.name, held.held and held.held.value) == ("local", "to keep to your limit of $5.00 a month")
    wiring.budgets.set(Budget(Decimal(6), local=True), now=MARCH)
    assert "$6.00" in (wiring.storages().held or pytest.fail("not held")).value
    wiring.budgets.review(now=datetime(2026, 5, 20, tzinfo=UTC))
    assert (wiring.storages().target.name, wiring.storages().held) == ("s3", None)
    wiring.budgets.review(now=MARCH)
    wiring.budgets.set(None, now=MARCH)
    assert wiring.storages().target.name == "s3"


def test_who_chooses_a_storage_overrules_the_limit_for_the_month(tmp_path: Path, strict_s3_server: Server) -> None:
    bucket = strict_s3_server.new_bucket()
    wiring = open_all(load_settings(strict_s3_server.environ(bucket), env_file=tmp_path / ".env"))
    wiring.storages.hold("to keep to a limit")
    assert wiring.storages().target.name == "local"
    mode.change(wiring.storages, mode.DEFAULT)
    assert (wiring.storages().target.name, wiring.storages().held) == ("s3", None)
    with wiring.catalog.read() as db:
        overruled = choices.get(db, choices.OVERRULED)
    wiring.close()
    assert overruled is not None
    assert overruled.value == overruled.chosen_at[:7]


def test_the_overruled_limit_holds_again_next_month(wiring: Wiring) -> None:
    wiring.budgets.set(FIVE, now=MARCH)
    downloads(wiring, 500)
    with wiring.catalog.write() as db:
        choices.choose(db, choices.OVERRULED, "2026-03")
    wiring.budgets.review(now=MARCH)
    assert wiring.storages().target.name == "s3"
    wiring.budgets.review(now=datetime(2026, 4, 1, tzinfo=UTC))  # most of the rate's days are in March
    assert wiring.storages().target.name == "local"


def test_where_new_files_stay_here_anyway_nothing_is_held(tmp_path: Path) -> None:
    folders = {"UPLOADS_DIR": str(tmp_path / "uploads"), "STUDY_BUDDY_DATA": str(tmp_path / "data")}
    wiring = open_all(load_settings({**folders, "STUDY_BUDDY_BUCKET_NAME": "mine"}, env_file=tmp_path / ".env"))
    downloads(wiring, 500)
    wiring.budgets.set(FIVE, now=MARCH)
    assert (wiring.storages().target.name, wiring.storages().held) == ("local", None)
    wiring.close()


@pytest.mark.parametrize("text", ["", "0", "0.00", "-1", "1e3", "five", "1.234", "1000000000"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_limit(text)


def test_a_limit_is_read_in_dollars() -> None:
    assert [str(parse_limit(text)) for text in ("5", " 2.50 ", "$12")] == ["5", "2.50", "12"]
