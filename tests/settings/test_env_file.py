"""The file `.env`: what works in it, and what is refused."""

import os
from pathlib import Path

import pytest

from studybuddy.errors import SettingsError
from studybuddy.settings import load_settings
from studybuddy.settings.places import S3Settings, Secret
from studybuddy.units import MIB
from tests.settings.conftest import KEY_ID, KEYS, SECRET, shown


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
