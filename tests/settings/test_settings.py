"""What settings come to, and where each comes from."""

from pathlib import Path

import pytest

from studybuddy.settings import AWS_CHAIN, load_settings
from studybuddy.settings.places import S3Settings, Secret, TranscribeSettings
from studybuddy.units import MIB
from tests.settings.conftest import KEYS, load, refused, shown


def test_nothing_set_means_local_storage_beside_the_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings({})
    assert settings.storage_mode == "LOCAL"
    assert settings.uploads_dir == tmp_path / "uploads"
    assert settings.data_dir == tmp_path / "data"
    assert settings.s3 is None
    assert settings.max_upload_bytes == 10240 * MIB
    assert settings.allowed_hosts == ()
    assert settings.warnings == ()


def test_the_second_seeds_bucket_name_works() -> None:
    settings = load(KEYS, AWS_S3_BUCKET="classroom-assistant-audio", STORAGE="S3")
    assert settings.s3 is not None
    assert settings.s3.bucket == "classroom-assistant-audio"
    assert settings.s3.region == "us-east-1"


def test_one_bucket_under_both_names_is_fine() -> None:
    s3 = load(STUDY_BUDDY_BUCKET_NAME="my-bucket", AWS_S3_BUCKET="my-bucket").s3
    assert s3 == S3Settings(bucket="my-bucket", region="us-east-1")


@pytest.mark.parametrize("value", ["s3", " S3 ", "S3   # Change to LOCAL", "S3#"])
def test_the_mode_is_read_kindly(value: str) -> None:
    settings = load(STORAGE=value, AWS_S3_BUCKET="a-bucket")
    assert settings.storage_mode == "S3"
    assert shown(settings, "STORAGE").value == "S3"


def test_a_speech_service_is_an_address_with_or_without_its_last_part() -> None:
    whole = {"TRANSCRIBE_URL": "https://api.openai.com/v1/audio/transcriptions", "TRANSCRIBE_LANGUAGE": "EN"}
    found = load(whole, TRANSCRIBE_API_KEY="key").transcribe
    assert found == TranscribeSettings("https://api.openai.com/v1", Secret("key"), "whisper-1", "en")
    assert load().transcribe is None
    assert load(TRANSCRIBE_MODEL="small").transcribe == TranscribeSettings(None, None, "small", "")
    assert "TRANSCRIBE_URL is not" in str(refused(TRANSCRIBE_API_KEY="key"))
    assert "is no code" in str(refused(TRANSCRIBE_LANGUAGE="english"))


def test_without_keys_awss_own_chain_is_named_as_the_source() -> None:
    settings = load(AWS_S3_BUCKET="a-bucket", STORAGE="S3")
    assert shown(settings, "AWS_ACCESS_KEY_ID").source == AWS_CHAIN
    assert settings.s3 is not None
    assert settings.s3.secret_access_key is None


def test_a_compatible_endpoint_is_taken_without_its_last_slash() -> None:
    s3 = load(AWS_S3_BUCKET="a-bucket", S3_ENDPOINT_URL="HTTP://127.0.0.1:9000/", S3_PREFIX="/study/2026/").s3
    assert s3 is not None
    assert (s3.endpoint_url, s3.prefix) == ("http://127.0.0.1:9000", "study/2026")


def test_a_compatible_endpoint_may_have_a_path() -> None:
    s3 = load(AWS_S3_BUCKET="a-bucket", S3_ENDPOINT_URL="https://ref.supabase.co/storage/v1/s3/").s3
    assert s3 is not None
    assert s3.endpoint_url == "https://ref.supabase.co/storage/v1/s3"


def test_the_region_may_come_by_aws_own_second_name() -> None:
    settings = load(AWS_S3_BUCKET="a-bucket", AWS_DEFAULT_REGION="eu-west-1")
    assert settings.s3 is not None
    assert settings.s3.region == "eu-west-1"
    assert shown(settings, "AWS_DEFAULT_REGION").value == "eu-west-1"


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("Yes", True), ("0", False), ("off", False)])
def test_public_read_is_a_plain_yes_or_no(value: str, expected: bool) -> None:
    s3 = load(AWS_S3_BUCKET="a-bucket", PUBLIC_READ=value).s3
    assert s3 is not None
    assert s3.public_read is expected


def test_more_host_names_come_separated_by_commas() -> None:
    assert load(STUDY_BUDDY_HOSTS="App.example, study.local,").allowed_hosts == ("app.example", "study.local")


def test_folders_are_found_from_home_and_from_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    settings = load(UPLOADS_DIR="~/files", STUDY_BUDDY_DATA="here/data")
    assert settings.uploads_dir == tmp_path / "files"
    assert settings.data_dir == tmp_path / "here/data"


def test_every_setting_says_what_it_takes() -> None:
    settings = load(KEYS, AWS_S3_BUCKET="a-bucket")
    assert {setting.name for setting in settings.in_force} == {
        *("STORAGE", "UPLOADS_DIR", "STUDY_BUDDY_DATA", "AWS_S3_BUCKET", "AWS_REGION", "S3_ENDPOINT_URL", "S3_PREFIX"),
        *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "PUBLIC_READ", "SUPABASE_URL"),
        *("SUPABASE_SERVICE_KEY", "SUPABASE_BUCKET", "MAX_UPLOAD_MB", "STUDY_BUDDY_HOSTS"),
        *("STUDY_BUDDY_ALLOW_HOSTS", "STUDY_BUDDY_WORKERS", "TRANSCRIBE_URL", "TRANSCRIBE_API_KEY"),
        *("TRANSCRIBE_MODEL", "TRANSCRIBE_LANGUAGE"),
    }
    assert all(setting.takes and setting.source for setting in settings.in_force)
