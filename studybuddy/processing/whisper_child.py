"""The process that holds a Whisper model: `python -m studybuddy.processing.whisper_child MODEL LANGUAGE`.

It is given our own windows of sound, one a line on its input, and answers with what is said in each. A model in a
folder needs no network and has none; one that has only a name is downloaded first.
"""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from studybuddy.processing.child import confine
from studybuddy.units import GIB

_MEMORY_BYTES = 64 * GIB  # of addresses: the largest models take a sixth of it


def main(name: str, language: str) -> None:
    """Serve until the input ends."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # libraries may print
    if Path(name).is_dir():
        confine(_MEMORY_BYTES)
    model: Any = None
    for text in sys.stdin.buffer:
        try:
            model = model or _loaded(name)
            told: dict[str, Any] = {"segments": _heard(model, json.loads(text)["window"], language)}
        except Exception as error:  # noqa: BLE001 - its libraries raise errors of every sort
            told = {"error": f"{type(error).__name__}: {error}"[:300]}
        answers.write(json.dumps(told).encode() + b"\n")


def _loaded(name: str) -> Any:
    return importlib.import_module("faster_whisper").WhisperModel(name, device="auto", compute_type="auto")


def _heard(model: Any, window: str, language: str) -> list[tuple[float, float, str]]:
    # Silence is left out and no window hears the one before: else such models repeat themselves without end.
    segments, _ = model.transcribe(
        window, language=language or None, vad_filter=True, condition_on_previous_text=False
    )  # fmt: skip
    return [(one.start, one.end, one.text) for one in segments]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
