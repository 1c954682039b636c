"""`transcribe`, as a person or a program calls it."""

from tests import samples
from tests.cli.conftest import Shell
from tests.servers.speech import KEY, Answer, speech_server


def test_transcripts_are_made_here_and_now_and_a_failure_is_told(shell: Shell) -> None:
    (shell.folder / "a.wav").write_bytes(samples.wav(1))
    shell.json("add", "a.wav", "--session", "Waves")
    assert "Nothing is set up" in shell("transcribe", "1").err
    with speech_server() as speech:
        settings = {"TRANSCRIBE_URL": speech.url, "TRANSCRIBE_API_KEY": KEY}
        made = shell.json("transcribe", "1", **settings)["transcriptions"]
        assert [(one["file_id"], one["state"], one["done_ms"]) for one in made] == [(1, "done", 1000)]
        assert "window 1" in shell("search", "window").out
        speech.answers.append(Answer(403))
        failed = shell("transcribe", "1", "1", **settings)
        assert failed.code == 1
        assert "Failed: a.wav (file 1): 127.0.0.1" in failed.err
        assert KEY not in failed.err
        assert shell("transcribe", **settings).code == 2
