import dataclasses
import json
import os
import pickle
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studybuddy.errors import SettingsError
from studybuddy.places import S3Settings, Secret, SupabaseSettings, TranscribeSettings
from studybuddy.settings import AWS_CHAIN, Setting, Settings, load_settings
from studybuddy.units import MIB

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
KEYS = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}
NOWHERE = Path("/nowhere/.env")


def load(environ: Mapping[str, str] | None = None, **more: str) -> Settings:
    return load_settings({**(environ or {}), **more}, env_file=NOWHERE)


def refused(environ: Mapping[str, str] | None = None, **more: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(environ, **more)
    return caught.value


def shown(settings: Settings, name: str) -> Setting:
    return next(setting for setting in settings.in_force if setting.name == name)


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    path = tmp_path / ".env"
    path.touch(mode=0o600)
    return path


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


def test_the_first_seeds_env_file_works_once_its_keys_are_real(env_file: Path) -> None:
    env_file.write_text(
        f"# AWS S3 Configuration\nAWS_ACCESS_KEY_ID={KEY_ID}\nAWS_SECRET_ACCESS_KEY={SECRET}\n"
        "AWS_REGION=ap-south-1\nSTUDY_BUDDY_BUCKET_NAME=study-buddy-crud-bucket\n\n"
        "# Storage Mode (LOCAL or S3)\nSTORAGE=LOCAL     # Change to S3 to enable S3 storage\n"
    )
    settings = load_settings({}, env_file=env_file)
    assert settings.storage_mode == "LOCAL"
    assert settings.s3 == S3Settings(
        bucket="study-buddy-crud-bucket",
        region="ap-south-1",
        access_key_id=KEY_ID,
        secret_access_key=Secret(SECRET),
    )


def test_the_second_seeds_bucket_name_works() -> None:
    settings = load(KEYS, AWS_S3_BUCKET="classroom-assistant-audio", STORAGE="S3")
    assert settings.s3 is not None
    assert settings.s3.bucket == "classroom-assistant-audio"
    assert settings.s3.region == "us-east-1"


def test_one_bucket_under_both_names_is_fine() -> None:
    s3 = load(STUDY_BUDDY_BUCKET_NAME="my-bucket", AWS_S3_BUCKET="my-bucket").s3
    assert s3 == S3Settings(bucket="my-bucket", region="us-east-1")


def test_two_buckets_under_the_two_names_are_refused() -> None:
    error = refused(STUDY_BUDDY_BUCKET_NAME="one-bucket", AWS_S3_BUCKET="other-bucket")
    assert all(
        part in str(error) for part in ("STUDY_BUDDY_BUCKET_NAME", "one-bucket", "AWS_S3_BUCKET", "other-bucket")
    )
    assert "Keep one" in error.fix


def test_the_environment_wins_over_the_env_file_and_stays_as_it_is(env_file: Path) -> None:
    env_file.write_text("STORAGE=S3\nAWS_S3_BUCKET=from-file\nMAX_UPLOAD_MB=7\n")
    before = dict(os.environ)
    settings = load_settings({"STORAGE": "LOCAL"}, env_file=env_file)
    assert (settings.storage_mode, shown(settings, "STORAGE").source) == ("LOCAL", "environment")
    assert (settings.max_upload_bytes, shown(settings, "MAX_UPLOAD_MB").source) == (7 * MIB, ".env")
    assert shown(settings, "UPLOADS_DIR").source == "default"
    assert dict(os.environ) == before


def test_an_empty_value_counts_as_not_set(env_file: Path) -> None:
    env_file.write_text("MAX_UPLOAD_MB=\nSTORAGE\nAWS_S3_BUCKET=a-bucket\n")
    settings = load_settings({"AWS_S3_BUCKET": "  ", "S3_ENDPOINT_URL": ""}, env_file=env_file)
    assert settings.max_upload_bytes == 10240 * MIB
    assert settings.storage_mode == "LOCAL"
    assert settings.s3 == S3Settings(bucket="a-bucket", region="us-east-1")


@pytest.mark.parametrize("value", ["s3", " S3 ", "S3   # Change to LOCAL", "S3#"])
def test_the_mode_is_read_kindly(value: str) -> None:
    settings = load(STORAGE=value, AWS_S3_BUCKET="a-bucket")
    assert settings.storage_mode == "S3"
    assert shown(settings, "STORAGE").value == "S3"


def test_s3_without_a_bucket_is_refused_with_what_to_set() -> None:
    assert "STUDY_BUDDY_BUCKET_NAME" in refused(STORAGE="S3").fix


@pytest.mark.parametrize(
    ("name", "value", "takes"),
    [
        ("STORAGE", "FTP", "LOCAL or S3"),
        ("MAX_UPLOAD_MB", "0", "MiB"),
        ("MAX_UPLOAD_MB", "-5", "MiB"),
        ("MAX_UPLOAD_MB", "1e3", "MiB"),
        ("MAX_UPLOAD_MB", "²", "MiB"),
        ("MAX_UPLOAD_MB", "9" * 30, "MiB"),
        ("PUBLIC_READ", "perhaps", "true or false"),
        ("AWS_REGION", "eu west", "region"),
        ("S3_ENDPOINT_URL", "localhost:9000", "http(s)://"),
        ("S3_ENDPOINT_URL", "ftp://host", "http(s)://"),
        ("S3_ENDPOINT_URL", "http://host/a path", "http(s)://"),
        ("S3_ENDPOINT_URL", "http://host/../up", "http(s)://"),
        ("SUPABASE_URL", "http://host/path", "http(s) URL"),
        ("S3_ENDPOINT_URL", "http://host?x=1", "http(s)://"),
        ("S3_ENDPOINT_URL", "http://host:port", "http(s)://"),
        ("S3_ENDPOINT_URL", "http://[::1", "http(s)://"),
        ("S3_ENDPOINT_URL", "http://", "http(s)://"),
        ("S3_PREFIX", "a//b", "letters"),
        ("S3_PREFIX", "../up", "letters"),
        ("S3_PREFIX", "p" * 501, "letters"),
        ("SUPABASE_URL", "project", "http(s)"),
        ("STUDY_BUDDY_HOSTS", "http://app.example", "host names"),
        ("STUDY_BUDDY_HOSTS", "app.example:8501", "host names"),
        ("STUDY_BUDDY_WORKERS", "9", "0 to 8"),
        ("UPLOADS_DIR", "~nobody-here/uploads", "folder"),
        ("UPLOADS_DIR", "bell\a", "folder"),
        ("AWS_S3_BUCKET", "My_Bucket/../x", "bucket"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_its_value_and_what_it_takes(name: str, value: str, takes: str) -> None:
    error = refused({name: value})
    assert name in str(error)
    assert repr(value) in str(error)
    assert takes in str(error)
    assert name in error.fix


@pytest.mark.parametrize(
    "bucket",
    [
        "ab",
        "a" * 64,
        "Upper",
        "under_score",
        "-start",
        "end-",
        ".dot",
        "two..dots",
        "192.168.5.4",
        "xn--bucket",
        "a-bucket-s3alias",
        "a-bucket--ol-s3",
        "bücket",
    ],
)
def test_a_name_against_s3s_rules_is_no_bucket(bucket: str) -> None:
    assert "STUDY_BUDDY_BUCKET_NAME" in str(refused(STUDY_BUDDY_BUCKET_NAME=bucket))


@pytest.mark.parametrize("bucket", ["abc", "a" * 63, "my.bucket-1", "1-2-3", "192.168.5.400x"])
def test_a_name_within_s3s_rules_is_a_bucket(bucket: str) -> None:
    s3 = load(AWS_S3_BUCKET=bucket).s3
    assert s3 is not None
    assert s3.bucket == bucket


@pytest.mark.parametrize("there", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_one_key_without_the_other_is_refused(there: str) -> None:
    error = refused({there: KEYS[there]})
    missing = next(name for name in KEYS if name != there)
    assert missing in str(error)
    assert missing in error.fix


def test_a_session_token_without_keys_is_refused() -> None:
    assert "AWS_SESSION_TOKEN" in str(refused(AWS_SESSION_TOKEN="a-long-enough-token"))


@pytest.mark.parametrize("suffix", ["", "-here"])
@pytest.mark.parametrize("name", list(KEYS))
def test_the_seeds_placeholders_are_refused(name: str, suffix: str) -> None:
    placeholder = {"AWS_ACCESS_KEY_ID": "your-access-key-id", "AWS_SECRET_ACCESS_KEY": "your-secret-access-key"}[name]
    error = refused({**KEYS, name: placeholder + suffix})
    assert name in str(error)
    assert "put the real one there" in str(error)


def test_a_wrong_secret_is_never_said() -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "SUPABASE_SERVICE_KEY"):
        error = refused({**KEYS, name: "hush hush"})
        assert "hush" not in str(error) + error.fix
        assert name in str(error)
    error = refused(S3_ENDPOINT_URL="http://me:hush@host")
    assert "hush" not in str(error) + error.fix


def test_secrets_are_masked_wherever_settings_are_shown() -> None:
    token, service_key = "token-" + "t" * 20, "service-" + "s" * 20
    supabase = {"SUPABASE_URL": "https://p.supabase.co", "SUPABASE_BUCKET": "b", "SUPABASE_SERVICE_KEY": service_key}
    settings = load(KEYS, AWS_S3_BUCKET="a-bucket", AWS_SESSION_TOKEN=token, **supabase)
    everywhere = [repr(settings), str(settings.s3), json.dumps(dataclasses.asdict(settings), default=str)]
    for secret in (SECRET, token, service_key):
        assert not any(secret in text for text in everywhere)
    assert KEY_ID not in repr(settings)
    assert shown(settings, "AWS_SECRET_ACCESS_KEY") == Setting(
        "AWS_SECRET_ACCESS_KEY", "••••EKEY", "environment", "an access key's secret", True
    )


def test_supabase_needs_all_its_settings_or_none() -> None:
    whole = {"SUPABASE_URL": "https://p.supabase.co/", "SUPABASE_SERVICE_KEY": "key", "SUPABASE_BUCKET": "my lectures"}
    assert load(whole).supabase == SupabaseSettings("https://p.supabase.co", "my lectures", Secret("key"))
    assert load().supabase is None
    for missing in whole:
        error = refused({name: value for name, value in whole.items() if name != missing})
        assert f"{missing} is not" in str(error)
        assert f"Set {missing} too" in error.fix
    assert "Set SUPABASE_URL and SUPABASE_SERVICE_KEY too" in refused(SUPABASE_BUCKET="b").fix


def test_a_speech_service_is_an_address_with_or_without_its_last_part() -> None:
    whole = {"TRANSCRIBE_URL": "https://api.openai.com/v1/audio/transcriptions", "TRANSCRIBE_LANGUAGE": "EN"}
    found = load(whole, TRANSCRIBE_API_KEY="key").transcribe
    assert found == TranscribeSettings("https://api.openai.com/v1", Secret("key"), "whisper-1", "en")
    assert load().transcribe is None
    assert load(TRANSCRIBE_MODEL="small").transcribe == TranscribeSettings(None, None, "small", "")
    assert "TRANSCRIBE_URL is not" in str(refused(TRANSCRIBE_API_KEY="key"))
    assert "is no code" in str(refused(TRANSCRIBE_LANGUAGE="english"))


def test_a_secret_shows_its_end_only_when_enough_stays_hidden() -> None:
    assert f"{Secret('short')}" == repr(Secret("short")) == "••••"
    assert str(Secret("0123456789abcdef")) == "••••cdef"
    assert Secret("short").reveal() == "short"


def test_s3_settings_can_be_sent_to_another_process() -> None:
    s3 = load(KEYS, AWS_S3_BUCKET="a-bucket").s3
    assert s3 is not None
    assert pickle.loads(pickle.dumps(s3)) == s3


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


def test_a_file_in_a_folders_place_is_refused(env_file: Path) -> None:
    assert "is a file, not a folder" in str(refused(UPLOADS_DIR=str(env_file)))


def test_the_catalog_may_not_lie_among_the_files(tmp_path: Path) -> None:
    assert "STUDY_BUDDY_DATA" in str(refused(UPLOADS_DIR=str(tmp_path), STUDY_BUDDY_DATA=str(tmp_path / "data")))


def test_a_misspelt_name_of_ours_is_refused_with_the_right_one(env_file: Path) -> None:
    error = refused(STUDY_BUDDY_BUCKETNAME="my-bucket")
    assert "STUDY_BUDDY_BUCKETNAME" in str(error)
    assert "STUDY_BUDDY_BUCKET_NAME" in error.fix
    env_file.write_text("STUDY_BUDDY_HOST=app.example\n")
    with pytest.raises(SettingsError, match=r"STUDY_BUDDY_HOST \(in \.env\)"):
        load_settings({}, env_file=env_file)


@pytest.mark.parametrize(("mode", "warned"), [(0o644, True), (0o640, True), (0o600, False), (0o400, False)])
def test_an_env_file_with_secrets_that_others_can_read_gives_a_warning(env_file: Path, mode: int, warned: bool) -> None:
    env_file.write_text("".join(f"{name}={value}\n" for name, value in KEYS.items()))
    env_file.chmod(mode)
    warnings = load_settings({}, env_file=env_file).warnings
    assert bool(warnings) is warned
    assert all("chmod 600" in warning and SECRET not in warning for warning in warnings)


def test_an_open_env_file_without_secrets_gives_no_warning(env_file: Path) -> None:
    env_file.write_text("STORAGE=LOCAL\n")
    env_file.chmod(0o644)
    assert load_settings({}, env_file=env_file).warnings == ()


def test_a_malformed_line_is_refused_by_its_number_without_its_words(env_file: Path) -> None:
    env_file.write_text('STORAGE=LOCAL\n\nAWS_SECRET_ACCESS_KEY="hush\n')
    with pytest.raises(SettingsError, match="line 3") as caught:
        load_settings({}, env_file=env_file)
    assert "hush" not in str(caught.value)


def test_an_env_file_that_is_no_utf8_text_is_refused(env_file: Path) -> None:
    env_file.write_bytes("STORAGE=LOCAL".encode("utf-16"))
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings({}, env_file=env_file)


def test_a_byte_order_mark_is_no_part_of_the_first_name(env_file: Path) -> None:
    env_file.write_bytes(b"\xef\xbb\xbfMAX_UPLOAD_MB=3\n")
    assert load_settings({}, env_file=env_file).max_upload_bytes == 3 * MIB


def test_a_folder_in_the_env_files_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings({}, env_file=tmp_path)


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


TEXT_SETTINGS = ["STORAGE", "AWS_S3_BUCKET", "S3_ENDPOINT_URL", "S3_PREFIX", "MAX_UPLOAD_MB", "AWS_REGION"]


@given(name=st.sampled_from(TEXT_SETTINGS), value=st.text())
def test_any_text_is_either_taken_or_refused_with_the_settings_name(name: str, value: str) -> None:
    try:
        load({name: value})
    except SettingsError as error:
        assert name in str(error) or "STORAGE is S3" in str(error)
