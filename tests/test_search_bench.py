"""The search's benchmark works, and finds what it asks for."""

from pathlib import Path

import pytest

from bench import search as bench


def test_the_benchmark_asks_every_kind_of_query(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench.run(tmp_path, pages=200, calls=1)
    told = capsys.readouterr().out
    assert "200 pages" in told
    assert told.count("a common word") == 4
    assert "two CJK characters" in told
