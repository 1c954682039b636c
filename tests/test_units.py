from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studybuddy.units import GIB, MIB, count_text, duration_text, parse_time, size_text, utc_now


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 KB"),
        (99_949, "99.9 KB"),
        (99_950, "100 KB"),
        (999_499, "999 KB"),
        (999_500, "1.0 MB"),
        (312_000, "312 KB"),
        (1_400_000_000, "1.4 GB"),
        (GIB, "1.1 GB"),
        (10240 * MIB, "10.7 GB"),
        (5 * 10**12, "5.0 TB"),
        (10**16, "10000 TB"),
    ],
)
def test_a_size_is_said_shortly(size_bytes: int, text: str) -> None:
    assert size_text(size_bytes) == text


@given(st.integers(0, 10**15))
def test_a_size_in_words_is_true_to_six_in_a_hundred(size_bytes: int) -> None:
    number, unit = size_text(size_bytes).split()
    factor = {"byte": 1, "bytes": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}[unit]
    assert abs(float(number) * factor - size_bytes) <= 0.06 * size_bytes
    assert float(number) < 1000 or unit == "TB"


@pytest.mark.parametrize(
    ("duration_ms", "text"),
    [
        (0, "0 s"),
        (499, "0 s"),
        (12_000, "12 s"),
        (59_600, "1 min"),
        (41 * 60_000, "41 min"),
        (3_599_400, "59 min"),
        (3_599_600, "1 h 00 min"),
        (7_500_000, "2 h 05 min"),
        (100 * 3_600_000, "100 h 00 min"),
    ],
)
def test_a_duration_is_said_shortly(duration_ms: int, text: str) -> None:
    assert duration_text(duration_ms) == text


def test_a_count_takes_its_noun_along() -> None:
    assert count_text(1, "file") == "1 file"
    assert count_text(0, "file") == "0 files"
    assert count_text(1204, "file") == "1,204 files"
    assert count_text(2, "copy", "copies") == "2 copies"


def test_the_present_time_is_utc_text_that_sorts_and_comes_back() -> None:
    first, second = utc_now(), utc_now()
    assert first <= second
    assert first.endswith("Z")
    assert len(first) == 27
    assert parse_time(first).utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - parse_time(first)) < timedelta(minutes=1)
