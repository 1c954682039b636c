"""A wrong value is refused with its name and what it takes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studybuddy.errors import SettingsError
from studybuddy.settings import load_settings
from studybuddy.settings.places import Secret, SupabaseSettings
from tests.settings.conftest import KEYS, load, refused


def test_two_buckets_under_the_two_names_are_refused() -> None:
    error = refused(STUDY_BUDDY_BUCKET_NAME="one-bucket", AWS_S3_BUCKET="other-bucket")
    assert all(
        part in str(error) for part in ("STUDY_BUDDY_BUCKET_NAME", "one-bucket", "AWS_S3_BUCKET", "other-bucket")
    )
    assert "Keep one" in error.fix


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


def test_supabase_needs_all_its_settings_or_none() -> None:
    whole = {"SUPABASE_URL": "https://p.supabase.co/", "SUPABASE_SERVICE_KEY": "key", "SUPABASE_BUCKET": "my lectures"}
    assert load(whole).supabase == SupabaseSettings("https://p.supabase.co", "my lectures", Secret("key"))
    assert load().supabase is None
    for missing in whole:
        error = refused({name: value for name, value in whole.items() if name != missing})
        assert f"{missing} is not" in str(error)
        assert f"Set {missing} too" in error.fix
    assert "Set SUPABASE_URL and SUPABASE_SERVICE_KEY too" in refused(SUPABASE_BUCKET="b").fix


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


TEXT_SETTINGS = ["STORAGE", "AWS_S3_BUCKET", "S3_ENDPOINT_URL", "S3_PREFIX", "MAX_UPLOAD_MB", "AWS_REGION"]


@given(name=st.sampled_from(TEXT_SETTINGS), value=st.text())
def test_any_text_is_either_taken_or_refused_with_the_settings_name(name: str, value: str) -> None:
    try:
        load({name: value})
    except SettingsError as error:
        assert name in str(error) or "STORAGE is S3" in str(error)
