"""Transcripts by a model on this computer, in a process of its own."""

import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from studybuddy.catalog.transcriptions import Transcription
from studybuddy.processing.transcriber import Transcriber
from studybuddy.processing.transcription import RefusedError
from studybuddy.processing.transcriptions import Transcriptions
from studybuddy.processing.whisper import Whisper, engine_of
from studybuddy.settings.places import TranscribeSettings
from tests.processing.rig import Rig
from tests.processing.tiny_whisper import convert

needs_model = pytest.mark.skipif(
    not all(map(find_spec, ("faster_whisper", "torch", "transformers"))) or shutil.which("espeak-ng") is None,
    reason="faster-whisper, torch and transformers are not installed, or espeak-ng is not",
)


def settings(model: str) -> TranscribeSettings:
    return TranscribeSettings(url=None, api_key=None, model=model, language="")


@pytest.fixture
def spoken(rig: Rig, tmp_path: Path) -> Iterator[int]:
    path = tmp_path / "spoken.wav"
    subprocess.run(["espeak-ng", "-w", str(path), "The entropy of a closed system never decreases. " * 3], check=True)
    yield rig.add_bytes(path.read_bytes(), "spoken.wav").id


def made(rig: Rig, file_id: int, model: str) -> Transcription:
    wiring = rig.wiring
    queue = Transcriptions(wiring.catalog, wiring.claim, is_set_up=True, pauses_s=[])
    engine = engine_of(settings(model))
    transcriber = Transcriber(queue, rig.library, wiring.claim, folder=rig.jobs_folder, engine=engine)
    queue.ask([file_id])
    transcriber.run()
    transcriber.close()
    found = queue.find(file_id)
    assert found is not None
    return found


@needs_model
def test_a_model_in_a_folder_is_loaded_and_hears_something(rig: Rig, spoken: int, tmp_path: Path) -> None:
    model = convert(tmp_path)
    found = made(rig, spoken, str(model))
    assert (found.state, found.reason) == ("done", "")
    cues = rig.cues(rig.library.file(spoken))
    assert cues
    assert all(0 <= cue.start_ms <= cue.end_ms <= found.done_ms and cue.text for cue in cues)
    # A damaged one says so, and is not tried again.
    (model / "model.bin").write_bytes(b"no model")
    found = made(rig, spoken, str(model))
    assert found.state == "failed"
    assert "cannot be used" in found.reason


@pytest.mark.skipif(find_spec("faster_whisper") is not None, reason="faster-whisper is installed")
def test_without_its_package_the_command_that_installs_it_is_told(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="not installed") as caught:
        Whisper(settings(str(tmp_path))).hear(tmp_path / "a.flac", length_ms=1000)
    assert "requirements-transcribe.txt" in caught.value.fix


def test_a_folder_that_is_not_there_is_not_looked_for_on_the_internet(tmp_path: Path) -> None:
    for model, words in ((str(tmp_path / "none"), "There is no folder"), (str(tmp_path), "There is no model in")):
        with pytest.raises(RefusedError, match=words):
            Whisper(settings(model)).expect_model()
