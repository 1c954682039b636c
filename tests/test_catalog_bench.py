"""The catalog's benchmark works."""

from pathlib import Path

from bench import catalog as bench


def test_the_benchmark_times_every_list_of_a_small_library(tmp_path: Path) -> None:
    timings = bench.run(tmp_path, file_count=20_000, session_count=2_000, calls=3)
    assert len(timings) > 60
    assert all(0 < timing.p50_ms <= timing.max_ms for timing in timings)
    assert len(bench.table(timings).splitlines()) >= len(timings)
