"""Transcripts without times as plain text: a paragraph for each of their parts."""

from collections.abc import Iterable, Iterator

from studybuddy.processing.results import Cue

SUFFIX = ".txt"
_GAP = "\n\n"


def dumped(cues: Iterable[Cue]) -> bytes:
    """Return what is said as a text."""
    return (_GAP.join(cue.text for cue in cues) + "\n").encode()


def loaded(content: bytes) -> Iterator[Cue]:
    """Yield the parts of a text that `dumped` made."""
    for part in content.decode("utf-8", "replace").split(_GAP):
        if said := part.strip():
            yield Cue(0, 0, said)
