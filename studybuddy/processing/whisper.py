"""A Whisper model on this computer, in a process of its own: from outside."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import IO, cast

from studybuddy.errors import ConflictError
from studybuddy.processing.children import ENVIRONMENT, ROOT
from studybuddy.processing.results import Cue
from studybuddy.processing.transcription import HOW_TO, BusyError, Endpoint, Engine, RefusedError, timed
from studybuddy.settings.places import TranscribeSettings

_MAX_ANSWER_BYTES = 16 * 1024 * 1024
_CHOOSE = "Set TRANSCRIBE_MODEL to a folder with a model for faster-whisper, or to a name like small, and start again."


def engine_of(settings: TranscribeSettings | None) -> Engine:
    """Return what the settings name."""
    if settings is None:
        raise ConflictError("Nothing is set up that makes transcripts", fix=HOW_TO)
    return Whisper(settings) if settings.url is None else Endpoint(settings.url, settings)


class Whisper:
    """A model that is loaded with the first window, and kept until `close`."""

    def __init__(self, settings: TranscribeSettings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def hear(self, window: Path, *, length_ms: int) -> list[Cue]:
        process = self._process or self._begin()
        try:
            cast(IO[bytes], process.stdin).write(json.dumps({"window": str(window)}).encode() + b"\n")
            said = cast(IO[bytes], process.stdout).readline(_MAX_ANSWER_BYTES)
        except (OSError, ValueError):  # it was ended meanwhile
            said = b""
        try:
            told = json.loads(said)
            if "error" not in told:
                return timed(told["segments"], length_ms)
        except (ValueError, KeyError, TypeError) as error:
            self.close()
            fix = "Look whether this computer has memory enough for the model, and ask again."
            raise BusyError("The model's process ended by itself", fix=fix) from error
        self.close()
        why = " ".join(str(told["error"]).split()).rstrip(". ")
        raise RefusedError(f"The model {self._settings.model} cannot be used: {why}", fix=_CHOOSE)

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                cast(IO[bytes], pipe).close()

    def _begin(self) -> subprocess.Popen[bytes]:
        if find_spec("faster_whisper") is None:
            fix = "Run: pip install -r requirements-transcribe.txt, and ask again."
            raise RefusedError("faster-whisper is not installed", fix=fix)
        environment = {name: value for name, value in os.environ.items() if name in ENVIRONMENT or name == "HF_HOME"}
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "studybuddy.processing.whisper_child", self.expect_model(), self._settings.language],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0, cwd=ROOT,
            env=environment | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        return self._process

    def expect_model(self) -> str:
        """Return a folder, or a name to download; raise RefusedError for what looks like a folder and is none."""
        model = Path(self._settings.model).expanduser().absolute()
        if model.is_dir():
            if not (model / "model.bin").is_file():
                raise RefusedError(f"There is no model in the folder {model}: it has no model.bin", fix=_CHOOSE)
            return str(model)
        if self._settings.model.count("/") > 1 or self._settings.model[0] in "/\\.~":
            raise RefusedError(f"There is no folder {model}", fix=_CHOOSE)
        return self._settings.model
