"""Transcripts that are made of sound, by a speech service on this computer."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from studybuddy.catalog.records import File
from studybuddy.catalog.transcriptions import Transcription
from studybuddy.errors import ConflictError
from studybuddy.processing.results import Cue
from studybuddy.processing.transcriber import Transcriber
from studybuddy.processing.transcription import Endpoint, RefusedError
from studybuddy.processing.transcriptions import Transcriptions
from studybuddy.settings.places import Secret, TranscribeSettings
from tests import samples
from tests.processing.rig import Rig
from tests.servers.speech import KEY, Answer, Speech, speech_server

VTT = "WEBVTT\n!cue 0 1000 by hand\n"
MAX_BYTES = 25_000_000  # that OpenAI's service takes


@pytest.fixture
def speech() -> Iterator[Speech]:
    with speech_server() as speech:
        yield speech


class Studio:
    """A library whose recordings are sent to the service."""

    def __init__(self, rig: Rig, speech: Speech, *, tries: int = 3) -> None:
        self.rig = rig
        settings = TranscribeSettings(speech.url, Secret(KEY), "whisper-1", "en")
        wiring = rig.wiring
        self.queue = Transcriptions(wiring.catalog, wiring.claim, is_set_up=True, pauses_s=[0.0] * tries)
        self.transcriber = Transcriber(
            self.queue,
            rig.library,
            wiring.claim,
            folder=rig.jobs_folder,
            engine=Endpoint(speech.url, settings, answer_s=5),
        )

    def make(self, file: File, *, rounds: int = 1) -> Transcription:
        self.queue.ask([file.id])
        for _ in range(rounds):
            self.transcriber.run()
        return self.found(file)

    def found(self, file: File) -> Transcription:
        found = self.queue.find(file.id)
        assert found is not None
        return found


@pytest.fixture
def studio(rig: Rig, speech: Speech) -> Iterator[Studio]:
    studio = Studio(rig, speech)
    yield studio
    studio.transcriber.close()


@pytest.fixture
def long(rig: Rig) -> File:
    return rig.add_bytes(samples.long_wav(1500), "week 1.wav")


@pytest.fixture
def short(rig: Rig) -> File:
    return rig.add_bytes(samples.wav(3), "week 2.wav")


def test_a_long_recording_is_heard_in_windows_and_its_words_stand_at_their_times(
    studio: Studio, speech: Speech, long: File
) -> None:
    made = studio.make(long)
    assert (made.state, made.progress, made.done_ms) == ("done", 1.0, 1_500_000)
    cues = studio.rig.cues(long)
    assert [cue.text for cue in cues] == ["window 1", "window 2", "window 3"]
    # Each window ends in its last half minute, where it is quiet, and the next begins there.
    starts = [cue.start_ms - 1000 for cue in cues]
    assert starts[0] == 0
    assert all(570_000 <= later - before <= 610_000 for before, later in pairwise(starts))
    assert all(cue.end_ms - cue.start_ms == 1500 for cue in cues)
    for asked in speech.asked:
        assert (asked.path, asked.key) == ("/v1/audio/transcriptions", f"Bearer {KEY}")
        assert (asked.fields["model"], asked.fields["language"]) == (b"whisper-1", b"en")
        assert asked.fields["response_format"] == b"verbose_json"
        assert asked.fields["file"].startswith(b"fLaC")
        assert len(asked.fields["file"]) < MAX_BYTES
    assert list(studio.rig.jobs_folder.iterdir()) == []


def test_a_busy_service_is_asked_again_and_nothing_is_asked_twice(studio: Studio, speech: Speech, long: File) -> None:
    said = speech.say
    speech.say = lambda number: Answer(503, {"error": {"message": "later"}}) if number == 2 else said(number)
    made = studio.make(long)
    assert made.state == "done"
    assert [cue.text for cue in studio.rig.cues(long)] == ["window 1", "window 3", "window 4"]
    files = [asked.fields["file"] for asked in speech.asked]
    assert files[1] == files[2]
    assert len({*files}) == 3


def test_nothing_is_tried_before_the_service_wants_it(studio: Studio, speech: Speech, short: File) -> None:
    speech.answers.append(Answer(429, {"error": {"message": "Too many"}}, {"Retry-After": "600"}))
    made = studio.make(short)
    assert (made.state, made.attempts) == ("pending", 1)
    assert "cannot answer now (HTTP 429): Too many" in made.reason
    assert made.next_at is not None
    assert len(speech.asked) == 1


def test_it_gives_up_after_some_tries_and_goes_on_when_it_is_asked_again(
    studio: Studio, speech: Speech, short: File
) -> None:
    speech.answers = [Answer(503, {})] * 4
    made = studio.make(short)
    assert (made.state, len(speech.asked)) == ("failed", 4)
    assert "(HTTP 503)" in made.reason
    assert studio.make(short).state == "done"
    assert len(studio.rig.cues(short)) == 1


def test_a_key_that_is_not_taken_is_told_plainly_and_not_shown(
    studio: Studio, speech: Speech, short: File, caplog: pytest.LogCaptureFixture
) -> None:
    speech.answers.append(Answer(401, {"error": {"message": f"Incorrect API key provided: {KEY}"}}))
    made = studio.make(short)
    assert (made.state, made.attempts) == ("failed", 0)
    assert "does not take the key (HTTP 401)" in made.reason
    assert "TRANSCRIBE_API_KEY" in made.fix
    speech.answers.append(Answer(400, {"error": {"message": f"no such model for {KEY}"}}))
    made = studio.make(short)
    assert made.reason.endswith("refuses the sound (HTTP 400): no such model for …")
    assert KEY not in caplog.text


def test_a_service_that_is_not_there_only_delays(rig: Rig, short: File) -> None:
    with speech_server() as gone:
        pass
    studio = Studio(rig, gone, tries=1)
    made = studio.make(short)
    assert (made.state, "does not answer" in made.reason) == ("failed", True)
    studio.transcriber.close()


@pytest.mark.parametrize(
    "body",
    [b"<html>", [], {}, {"segments": [{"start": "a", "end": 1, "text": "x"}]}, {"segments": [{"start": 0}]},
     b'{"segments": [{"start": NaN, "end": 1, "text": "x"}]}', {"segments": 7}, {"text": 7}],
)  # fmt: skip
def test_an_answer_that_is_no_transcript_is_refused(tmp_path: Path, speech: Speech, body: object) -> None:
    (tmp_path / "a.flac").write_bytes(b"fLaC")
    speech.answers.append(Answer(body=body))
    endpoint = Endpoint(speech.url, TranscribeSettings(speech.url, None, "m", ""))
    with pytest.raises(RefusedError, match="not with a transcript"):
        endpoint.hear(tmp_path / "a.flac", length_ms=1000)
    assert speech.asked[0].key == ""


def test_times_stay_within_the_window_and_a_model_without_times_is_taken(tmp_path: Path, speech: Speech) -> None:
    (tmp_path / "a.flac").write_bytes(b"fLaC")
    endpoint = Endpoint(speech.url, TranscribeSettings(speech.url, None, "m", ""))
    segments = [
        {"start": -1, "end": 0.5, "text": "a\n b"},
        {"start": 3, "end": 1, "text": "c"},
        {"start": 4, "end": 5, "text": " "},
    ]
    speech.answers = [Answer(body={"segments": segments}), Answer(body={"text": "all"})]
    assert endpoint.hear(tmp_path / "a.flac", length_ms=2000) == [Cue(0, 500, "a b"), Cue(2000, 2000, "c")]
    assert endpoint.hear(tmp_path / "a.flac", length_ms=2000) == [Cue(0, 2000, "all")]


def test_what_a_dead_process_had_heard_stays(studio: Studio, speech: Speech, long: File) -> None:
    heard = [Cue(0, 1000, "before")]
    studio.queue.ask([long.id])
    with studio.rig.wiring.catalog.write() as db:
        db.execute("UPDATE transcriptions SET state = 'processing', lease_owner = 'dead', done_ms = 620000")
        db.execute("INSERT INTO spare_cues VALUES (?, 0, 1000, 'before')", [long.id])
    assert studio.rig.cues(long) == []
    studio.transcriber.run()
    assert studio.rig.cues(long)[:1] == heard
    assert (studio.found(long).state, len(speech.asked)) == ("done", 2)


def test_captions_win_and_what_was_made_comes_back_when_they_go(studio: Studio, short: File) -> None:
    rig = studio.rig
    studio.make(short)
    caption = rig.add(VTT, "week 2.vtt")
    rig.run()
    assert [cue.text for cue in rig.cues(short)] == ["by hand"]
    with pytest.raises(ConflictError, match="from captions"):
        studio.queue.ask([short.id])
    rig.library.trash_file(caption.id)
    rig.run()
    assert [cue.text for cue in rig.cues(short)] == ["window 1"]


def test_captions_that_come_while_it_is_made_win(studio: Studio, speech: Speech, short: File) -> None:
    rig = studio.rig
    speech.answers.append(Answer(401))
    studio.make(short)
    rig.add(VTT, "week 2.vtt")
    with rig.wiring.catalog.write() as db:
        db.execute("UPDATE transcriptions SET state = 'pending'")
    rig.run()
    studio.transcriber.run()
    assert studio.found(short).state == "done"
    assert [cue.text for cue in rig.cues(short)] == ["by hand"]


def test_a_transcript_stays_when_its_recording_is_read_again_and_is_made_anew_when_asked(
    studio: Studio, short: File
) -> None:
    studio.make(short)
    before = studio.rig.cues(short)
    studio.rig.run()
    studio.rig.wiring.processing.again([short.id])
    studio.rig.run()
    assert studio.rig.cues(short) == before != []
    assert studio.make(short).state == "done"
    assert [cue.text for cue in studio.rig.cues(short)] == ["window 2"]


def test_damage_and_what_is_no_recording_are_told(studio: Studio, speech: Speech) -> None:
    rig = studio.rig
    cut = rig.add_bytes(samples.wav(1)[:46], "cut.wav")
    assert studio.make(cut).state == "failed"
    assert speech.asked == []
    with pytest.raises(ConflictError, match="no recording"):
        studio.queue.ask([rig.add("text").id])
    rig.library.trash_file(cut.id)
    with pytest.raises(ConflictError, match="in the trash"):
        studio.queue.ask([cut.id])


def test_without_a_service_it_is_told_how_to_get_one(rig: Rig, short: File) -> None:
    with pytest.raises(ConflictError, match="Nothing is set up") as caught:
        rig.wiring.transcriptions.ask([short.id])
    assert "TRANSCRIBE_URL" in caught.value.fix
