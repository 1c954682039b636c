"""Time the reading of files beside poppler and ffmpeg: `python bench/process.py [--pages N] [--hours N]`."""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from studybuddy.catalog.records import File
from studybuddy.kinds import detect
from studybuddy.processing.children import Child, Limits
from studybuddy.processing.results import Derived, Page
from studybuddy.units import MIB, size_text
from tests.library.office import converted, docx
from tests.samples import pdf_of

_ROUNDS = 3
_PDF_GOAL = 0.5
_MEMORY_BYTES = 400 * MIB
_TOGETHER_S = 60
_HERTZ = 44_100
_LINES, _WORDS = 17, ("light", "becomes", "sugar", "energy", "is", "never", "lost", "the", "matrix", "keeps", "its")


@dataclass(frozen=True, slots=True)
class Measured:
    """What one way took, in the quickest of several rounds."""

    name: str
    seconds: float
    computed_s: float
    peak_bytes: int = 0  # 0: not measured


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--hours", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        paper, lecture, long = (Path(work) / name for name in ("paper.pdf", "lecture.m4a", "long.m4a"))
        write_pdf(paper, asked.pages)
        write_recording(lecture, hours=asked.hours)
        write_recording(long, hours=2 * asked.hours)
        text = [measured("Study Buddy", partial(read_alone, paper)), *peer("pdftotext", partial(pdftotext, paper))]
        sound = [measured("Study Buddy", partial(read_alone, lecture)), *peer("ffmpeg", partial(ffmpeg, lecture))]
        together = measured("both", partial(read_both, paper, long), rounds=1)
    return report(asked.pages, asked.hours, text, sound, together)


def report(pages: int, hours: int, text: list[Measured], sound: list[Measured], together: Measured) -> int:
    """Print what was measured; return 1 when a goal is missed."""
    for what, ways in (
        (f"Text of a PDF of {pages} pages, the start of the child counted", text),
        (f"Waveform of {hours} h of m4a", sound),
        (f"That PDF and {2 * hours} h of m4a, by two children at once", [together]),
    ):
        print(what)
        for way in ways:
            memory = f"  {size_text(way.peak_bytes)}" if way.peak_bytes else ""
            print(f"  {way.name:12} {way.seconds:6.2f} s, of which {way.computed_s:6.2f} s of computing{memory}")
    goals = {f"both within {_TOGETHER_S} s": together.seconds <= _TOGETHER_S}
    peak = max(way.peak_bytes for way in (text[0], sound[0], together))
    goals[f"{size_text(peak)} of memory, under {size_text(_MEMORY_BYTES)}"] = peak < _MEMORY_BYTES
    if len(text) > 1:
        ratio = text[1].seconds / text[0].seconds
        goals[f"{ratio:.2f} times pdftotext's pages a second, at least {_PDF_GOAL}"] = ratio >= _PDF_GOAL
    for goal, holds in goals.items():
        print(f"{'holds ' if holds else 'MISSED'}  {goal}")
    if len(sound) > 1:
        print(f"{sound[1].seconds / sound[0].seconds:.2f} times as fast as ffmpeg's pipe")
    return 0 if all(goals.values()) else 1


def measured(name: str, run: Callable[[], int], *, rounds: int = _ROUNDS) -> Measured:
    """Time something that runs in processes of its own and returns their peak of memory."""
    took = []
    for _ in range(rounds):
        start, computed = time.perf_counter(), computing()
        peak = run()
        took.append((time.perf_counter() - start, computing() - computed, peak))
    return Measured(name, min(took)[0], min(took)[1], max(peak for _, _, peak in took))


def computing() -> float:
    """Return how many seconds this process and those that it started have computed."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def peer(program: str, run: Callable[[], int]) -> Iterator[Measured]:
    """Measure another program, where it is installed, at the low priority that our child gives itself."""
    if shutil.which(program):
        yield measured(program, run)
    else:
        print(f"{program} is not installed: nothing to compare with", file=sys.stderr)


def read_alone(path: Path) -> int:
    """Read a file in a child of its own; return the child's peak of memory."""
    child = Child(Limits())
    try:
        read(child, path)
        return peak_of_children()
    finally:
        child.close()


def read(child: Child, path: Path) -> None:
    found = detect(path, path.name)
    size = path.stat().st_size
    file = File(
        id=1, session_id=1, kind=found.kind, name=path.name, content_type=found.content_type, size=size, sha256="",
        duration_ms=None, wanted_storage_id=None, wanted_reason="", current_copy_id=None, created_at="",
        trashed_at=None, origin_url=None, upload_id=None,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        finished = child.read(file, path, Path(folder), told=lambda _: None, stopping=lambda: False)
        assert any(isinstance(result, Page | Derived) for result in finished.results())


def read_both(paper: Path, lecture: Path) -> int:
    with ThreadPoolExecutor(2) as pool:
        return max(pool.map(read_alone, (paper, lecture)))


def peak_of_children() -> int:
    """Return the most memory that a child of this process has had, in bytes; 0 where the system does not tell."""
    peaks = [0]
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            told = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
            if int(told["PPid"]) == os.getpid():
                peaks.append(int(told.get("VmHWM", "0").split()[0]) * 1024)
    return max(peaks)


def pdftotext(path: Path) -> int:
    command = ["nice", "-n", "10", "pdftotext", "-enc", "UTF-8", str(path), "-"]
    assert subprocess.run(command, capture_output=True, check=True).stdout
    return 0


def ffmpeg(path: Path) -> int:
    """Make the same peaks from what ffmpeg decodes."""
    command = ["nice", "-n", "10", "ffmpeg", "-v", "error", "-i", str(path), "-f", "f32le", "-ac", "1", "-"]
    peaks = []
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while piece := process.stdout.read(_HERTZ * 4):
            windows = np.abs(np.frombuffer(piece[: len(piece) // 1764 * 1764], np.float32))
            peaks.append(windows.reshape(-1, 441).max(axis=1))
    assert len(np.concatenate(peaks)) > 1000
    return 0


def write_pdf(path: Path, pages: int) -> None:
    """Write a PDF with 17 lines of text on each page: by LibreOffice where it is installed, with its fonts in it."""
    random = np.random.default_rng(1)
    texts = ["\n".join(" ".join(random.choice(_WORDS, 12)) for _ in range(_LINES)) for _ in range(pages)]
    if shutil.which("soffice"):
        path.write_bytes(converted({"paper.docx": docx("Paper", texts)}, "pdf")["paper.docx"])
    else:
        path.write_bytes(pdf_of(texts))


def write_recording(path: Path, *, hours: int) -> None:
    """Write noise that grows and falls, as speech does: one minute, again and again."""
    minute = path.with_suffix(".minute.m4a")
    write_minute(minute)
    with av.open(str(path), "w", format="mp4") as target, av.open(str(minute)) as source:
        stream = source.streams.audio[0]
        packets = [packet for packet in source.demux(stream) if packet.dts is not None]
        track = target.add_stream_from_template(stream)
        length = 1024 * len(packets)
        for number in range(60 * hours):
            for at, packet in enumerate(packets):
                packet.stream = track
                packet.pts = packet.dts = number * length + at * 1024
                packet.time_base = Fraction(1, _HERTZ)
                target.mux(packet)


def write_minute(path: Path) -> None:
    at = np.arange(_HERTZ * 60)
    noise = np.random.default_rng(1).normal(0, 4000, len(at)) * np.abs(np.sin(at / 20_000))
    with av.open(str(path), "w", format="mp4") as target:
        track = target.add_stream("aac", rate=_HERTZ)
        track.layout = "mono"
        track.bit_rate = 64_000
        frame = av.AudioFrame.from_ndarray(np.clip(noise, -32_000, 32_000).astype(np.int16)[np.newaxis], "s16", "mono")
        frame.sample_rate = _HERTZ
        for piece in av.AudioResampler("fltp", "mono", _HERTZ, frame_size=1024).resample(frame):
            target.mux(track.encode(piece))
        target.mux(track.encode(None))


if __name__ == "__main__":
    sys.exit(main())
