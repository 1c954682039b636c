"""Transcripts over HTTP, made in the background."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.testclient import TestClient

from studybuddy.api import middleware, routes
from studybuddy.settings import load_settings
from studybuddy.wiring import open_all
from tests import samples
from tests.processing.rig import rig_over
from tests.servers.speech import speech_server
from tests.waiting import awaited


def test_a_transcript_is_made_in_the_background_when_it_is_asked_for(tmp_path: Path) -> None:
    folders = {"UPLOADS_DIR": str(tmp_path / "uploads"), "STUDY_BUDDY_DATA": str(tmp_path / "data")}
    with speech_server() as speech:
        wiring = open_all(load_settings({**folders, "TRANSCRIBE_URL": speech.url}, env_file=tmp_path / ".env"))
        file = rig_over(wiring).add_bytes(samples.wav(2), "a.wav")
        app = Starlette(routes=routes(lambda: wiring), middleware=middleware(lambda: wiring))
        client = TestClient(app, base_url="http://localhost:8501")
        address = f"/api/v1/files/{file.id}"
        assert client.get(f"{address}/transcription").json()["state"] == "none"
        assert client.get("/api/v1/files/99/transcription").json()["error"]["code"] == "not_found"
        wiring.start()
        asked = client.post(f"{address}/transcribe")
        assert (asked.status_code, asked.json()["file_id"]) == (202, file.id)
        awaited(lambda: client.get(f"{address}/transcription").json()["state"] == "done")
        assert [cue["text"] for cue in client.get(f"{address}/cues").json()["cues"]] == ["window 1"]
        wiring.close()


def test_without_a_service_it_says_how_to_get_one(client: TestClient, session_id: int) -> None:
    added = client.post(
        f"/api/v1/sessions/{session_id}/files", content=samples.wav(1), headers={"X-File-Name": "a.wav"}
    ).json()
    refused = client.post(f"/api/v1/files/{added['results'][0]['file']['id']}/transcribe")
    assert refused.status_code == 409
    assert "TRANSCRIBE_URL" in refused.json()["error"]["fix"]
