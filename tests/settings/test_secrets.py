"""Secrets are masked wherever settings are shown, and go only where they are needed."""

import dataclasses
import json
import pickle

from studybuddy.settings import Setting
from studybuddy.settings.places import Secret
from tests.settings.conftest import KEY_ID, KEYS, SECRET, load, refused, shown


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


def test_a_secret_shows_its_end_only_when_enough_stays_hidden() -> None:
    assert f"{Secret('short')}" == repr(Secret("short")) == "••••"
    assert str(Secret("0123456789abcdef")) == "••••cdef"
    assert Secret("short").reveal() == "short"


def test_s3_settings_can_be_sent_to_another_process() -> None:
    s3 = load(KEYS, AWS_S3_BUCKET="a-bucket").s3
    assert s3 is not None
    assert pickle.loads(pickle.dumps(s3)) == s3
