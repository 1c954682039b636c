"""What storages held and were asked, by hand: hours, days and rates."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from studybuddy.catalog import copies, storages, usage
from studybuddy.catalog.connection import Catalog
from studybuddy.costs.estimate import estimate
from studybuddy.costs.prices import load
from studybuddy.drivers.counters import Counted
from studybuddy.spending import monthly_use
from studybuddy.spending.measured import Measured, measure
from studybuddy.units import GIB
from tests.catalog import rows

URL = "s3://bucket"
NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)  # ten and a half days of 31 are over: 252 hours


def held(db: Database, day: str, gb: int, *, gone_gb: int = 0, byte_hours: int = 0) -> None:
    """Note what came on a day less what went."""
    values = [1, day, 1048576, gb, gb * GIB, gone_gb, gone_gb * GIB, byte_hours]
    db.execute("INSERT INTO held_days VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)


def counted(db: Database, day: str, **counts: int) -> None:
    usage.add_counts(db, URL, [(day, what, amount) for what, amount in counts.items()])


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """A catalog with one storage, its id 1."""
    catalog = Catalog(tmp_path / "catalog.db")
    catalog.prepare()
    with catalog.write() as db:
        storages.register(db, url=URL, label="a bucket", base_url="")
        yield db
    catalog.close()


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("1e-9"))


def measured(db: Database, now: datetime = NOON) -> Measured:
    return measure(db, now=now)[1]


def test_hours_count_from_when_it_came_until_it_went(db: Database) -> None:
    held(db, "2026-01-15", 10, byte_hours=10 * GIB * 3)  # there when the month began
    held(db, "2026-03-02", 5, byte_hours=5 * GIB * 14)  # came at 10 o'clock
    held(db, "2026-03-05", -4, gone_gb=4, byte_hours=-4 * GIB * 24)  # went at midnight
    held(db, "2026-03-11", 2, byte_hours=2 * GIB * 16)  # came at 8 o'clock today
    found = measured(db)
    gb_hours = 10 * 252 + 5 * (252 - 24 - 10) - 4 * (252 - 4 * 24) + 2 * 4
    assert found.byte_hours == gb_hours * GIB
    assert found.bytes == 13 * GIB
    bill = estimate(monthly_use.so_far(found, "us-east-1"), load().of("us-east-1"))
    assert rounded(bill.total) == rounded(Decimal("0.023") * gb_hours / (31 * 24))


def test_what_triggers_keep_is_measured(db: Database) -> None:
    session_id = rows.session(db, "A")
    gone = rows.file(db, session_id, "gone.mp3", size=GIB)
    rows.file(db, session_id, "there.mp3", size=3 * GIB)
    copies.doom_all_of(db, gone)
    now = datetime.now(UTC).replace(minute=59, second=59)
    found = measured(db, now)
    assert (found.objects, found.bytes) == (1, 3 * GIB)
    assert rounded(found.growth_bytes * 7) == 3 * GIB
    assert 3 * GIB * Decimal("0.9") < found.byte_hours < 3 * GIB * Decimal("1.1")
    usage.note_sightings(db, 1, {"versioning": 1, "unfinished_bytes": 5 * GIB})
    found = measured(db, now)
    assert (found.old_bytes, found.unfinished_bytes) == (GIB, 5 * GIB)
    kept = monthly_use.kept(found, "us-east-1").classes[0]
    assert [int(one) for one in (kept.gb, kept.noncurrent_gb, kept.unfinished_gb)] == [3, 1, 5]


def test_requests_are_those_that_the_drivers_counted(db: Database) -> None:
    counted(db, "2026-02-20", get=7)
    counted(db, "2026-03-01", put=10, copy=2, post=1, begin=4, part=36, join=3, list=5, get=100, head=20)
    counted(db, "2026-03-10", get=80, delete=9, abort=1, sent=3 * GIB, received=2 * GIB)
    counted(db, "2026-03-10", get=1)
    used = monthly_use.so_far(measured(db), "us-east-1")
    asked = used.classes[0]
    # One was begun and not joined.
    assert [int(one) for one in (asked.put, asked.multipart_uploads, asked.multipart_parts)] == [14, 3, 36]
    amounts = (asked.list, asked.get, asked.delete, used.egress_gb, used.ingress_gb)
    assert [int(one) for one in amounts] == [5, 201, 10, 2, 3]


def test_the_rest_of_the_month_goes_on_as_the_last_days_went(db: Database) -> None:
    held(db, "2025-12-01", 100)
    held(db, "2026-02-28", 30)  # one GB a day of the last thirty
    counted(db, "2026-03-01", get=600)
    used = monthly_use.at_this_rate(measured(db), "us-east-1")
    days_left = Decimal("20.5")
    assert used.classes[0].get == 600 + 20 * days_left
    gb_hours = 130 * 252 + (130 + days_left / 2) * days_left * 24
    assert rounded(used.gb_months(used.classes[0])) == rounded(gb_hours / 744)
    april = monthly_use.in_month(measured(db), "us-east-1", monthly_use.months_ahead(NOON, 12)[0])
    assert april.days_in_month == 30
    assert april.classes[0].get == 20 * 30
    assert april.classes[0].gb == 130 + 20 + 15  # whole days until its middle


def test_a_young_library_does_not_go_on_as_on_its_first_day(db: Database) -> None:
    held(db, "2026-03-11", 70)
    counted(db, "2026-03-11", put=700)
    found = measured(db)
    assert found.growth_bytes == 10 * GIB
    assert found.counts_a_day["put"] == 100
    held(db, "2026-03-01", -30, gone_gb=30)
    assert rounded(measured(db).growth_bytes) == rounded(Decimal(40 * GIB) / 11)


def test_what_shrinks_does_not_go_below_nothing(db: Database) -> None:
    held(db, "2025-01-01", 40)
    held(db, "2026-03-01", -30, gone_gb=30)
    months = monthly_use.months_ahead(NOON, 12)
    assert [str(month)[:7] for month in months[:2]] + [str(months[-1])] == ["2026-04", "2026-05", "2027-03-01"]
    sizes = [monthly_use.in_month(measured(db), "us-east-1", month).classes[0].gb for month in months]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 0


def test_ten_years_of_every_day_are_summed_in_no_time(db: Database) -> None:
    leasts = [row[0] for row in db.execute("SELECT least FROM bands").fetchall()]
    days = [str(date(2016, 1, 1) + timedelta(days=number)) for number in range(3650)]
    held = [(1, day, least, 40, 40 * (least + 1), 0, 0, 0) for day in days for least in leasts]
    db.conn.executemany("INSERT INTO held_days VALUES (?, ?, ?, ?, ?, ?, ?, ?)", held)
    counts = [(1, day, what, 100) for day in days for what in get_args(Counted)]
    db.conn.executemany("INSERT INTO counts VALUES (?, ?, ?, ?)", counts)
    began = time.process_time()
    found = measured(db)
    assert time.process_time() - began < 0.5  # 0.03 s, where nothing else runs
    assert found.objects == 40 * 3650 * 8  # 1,168,000


MOMENTS = st.tuples(st.integers(-40, 29), st.integers(0, 23), st.integers(1, 9))  # days, hours, bytes


@given(st.lists(MOMENTS, max_size=12), st.integers(0, 23))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hours_are_those_that_a_clock_would_count(db: Database, came: list[tuple[int, int, int]], hour: int) -> None:
    db.execute("DELETE FROM held_days")
    month = datetime(2026, 3, 1, tzinfo=UTC)
    now = month + timedelta(days=29, hours=hour, minutes=59)
    moments = [(month + timedelta(days=day, hours=at), size) for day, at, size in came]
    expected = Decimal(0)
    for moment, size in moments:
        if moment <= now:
            values = [1, str(moment.date()), 0, 1, size, 0, 0, size * (24 - moment.hour)]
            db.execute(
                """INSERT INTO held_days VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
                objects = objects + 1, bytes = bytes + excluded.bytes, byte_hours = byte_hours + excluded.byte_hours""",
                values,
            )
            seconds = int((now - max(moment, month)).total_seconds())
            expected += Decimal(size * seconds) / 3600
    found = measure(db, now=now).get(1)
    assert rounded(found.byte_hours if found else Decimal(0)) == rounded(expected)
