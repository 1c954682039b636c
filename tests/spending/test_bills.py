"""The storages' bills as one."""

from decimal import Decimal
from pathlib import Path

from studybuddy.catalog import usage
from studybuddy.costs.money import GB, ZERO, total
from studybuddy.costs.prices import load
from studybuddy.spending.bills import months, together, warned, whole_use
from studybuddy.spending.library import LibraryCost, of_library
from studybuddy.units import GIB, utc_now
from studybuddy.wiring import Wiring
from tests.spending.test_library import cost, opened

GARAGE = '[old]\nbucket = "old"\nendpoint_url = "http://garage.example.org:3900"\n'


def two(tmp_path: Path, table: str) -> Wiring:
    (tmp_path / "storages.toml").write_text(table)
    return opened(tmp_path, STUDY_BUDDY_BUCKET_NAME="mine", AWS_REGION="eu-central-1")


def test_one_bucket_s_lines_are_the_bill_as_they_are(tmp_path: Path) -> None:
    wiring = two(tmp_path, "")
    found = cost(wiring, {"local": 50 * GIB, "s3": 100 * GIB})
    wiring.close()
    made = together(found, lambda one: one.estimate)
    assert [line.name for line in made.components] == ["S3 Standard, first 51,200 GB"]
    assert (made.total, made.at_least) == (found.total, False)


def test_lines_of_two_say_whose_they_are_and_what_is_not_known_is_a_line_without_a_price(tmp_path: Path) -> None:
    wiring = two(tmp_path, GARAGE)
    found = cost(wiring, {"s3": 100 * GIB, "old": GIB})
    wiring.close()
    made = together(found, lambda one: one.estimate)
    assert [(line.name.partition(": ")[2], line.cost is None) for line in made.components] == [
        ("S3 Standard, first 51,200 GB", False), ("what it costs", True),
    ]  # fmt: skip
    assert (made.total, made.at_least) == (found.total, True)
    assert made.components[1].note == "The prices of Garage are not known"


def test_each_month_to_come_has_its_bill(tmp_path: Path) -> None:
    wiring = two(tmp_path, GARAGE)
    found = cost(wiring, {"s3": 100 * GIB, "old": GIB})
    wiring.close()
    rows = months(found)
    assert len(rows) == 12
    assert [row.estimate.total for row in rows] == [one.usd for one in found.ahead]
    assert all(row.estimate.at_least for row in rows)
    assert rows[0].code == f"{found.months[0]:%Y-%m}"


def test_everything_is_one_use_wherever_it_is(tmp_path: Path) -> None:
    wiring = two(tmp_path, "")
    found = cost(wiring, {"local": 50 * GIB, "s3": 100 * GIB})
    wiring.close()
    usage = whole_use(found, "eu-west-1")
    assert usage is not None
    (held,) = usage.classes
    assert usage.region == "eu-west-1"
    assert [held.gb, held.objects] == [150, 2000]
    assert sum(one.bytes * one.count for one in held.sizes) == 150 * GB


def test_what_is_asked_of_each_bucket_is_in_the_one_use(tmp_path: Path) -> None:
    wiring = two(tmp_path, '[old]\nbucket = "old"\nregion = "us-east-1"\n')
    cost(wiring, {"s3": 100 * GIB, "old": 10 * GIB})
    with wiring.catalog.write() as db:
        for name, gb in (("s3", 60), ("old", 30)):
            counts = [(utc_now()[:10], "received", gb * GIB), (utc_now()[:10], "get", gb)]
            usage.add_counts(db, wiring.storages().named(name).identity, counts)
    together_use = whole_use(again(wiring), "us-east-1")
    wiring.close()
    assert together_use is not None
    # As many days as this month has, at the mean of the last 30.
    (held,) = together_use.classes
    assert round(together_use.egress_gb) == round(held.get) == round(3 * together_use.days_in_month)


def test_where_nothing_is_there_is_no_use(tmp_path: Path) -> None:
    wiring = two(tmp_path, "")
    found = cost(wiring, {})
    wiring.close()
    assert whole_use(found, "eu-west-1") is None


def test_what_the_doctor_saw_and_what_goes_out_is_warned_of_by_storage(tmp_path: Path) -> None:
    wiring = two(tmp_path, "")
    bucket = wiring.storages().named("s3")
    with wiring.catalog.write() as db:
        usage.note_sightings(db, bucket.id, {"unfinished_bytes": 20 * GIB})
        usage.add_counts(db, bucket.identity, [(utc_now()[:10], "received", 2_000 * GIB)])
    found = again(wiring)
    wiring.close()
    told = {each.code: (one.status.row.id, each.usd) for one, each in warned(found, load())}
    assert told.keys() == {"transfer", "unfinished"}
    assert told["unfinished"] == (bucket.id, 20 * Decimal("0.0245"))
    # What is told stands in the bill of this month.
    out = together(found, lambda one: one.at_this_rate).components
    assert told["transfer"][1] == total(line.cost or ZERO for line in out if line.group == "transfer")


def again(wiring: Wiring) -> LibraryCost:
    with wiring.catalog.read() as db:
        return of_library(db, wiring.storages(), load())
