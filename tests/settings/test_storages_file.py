"""storages.toml: more storages, each checked, no secret in the file."""

from pathlib import Path

import pytest

from studybuddy.errors import SettingsError
from studybuddy.settings.places import LocalSettings, NamedPlace, S3Settings, Secret, SupabaseSettings
from studybuddy.settings.storages_file import read_storages

VARIABLES = {"OLD_ID": "AKIAOLDOLDOLD", "OLD_SECRET": "secretsecretsecret", "SPACED": "a b"}


def read(tmp_path: Path, text: str) -> tuple[NamedPlace, ...]:
    path = tmp_path / "storages.toml"
    path.write_text(text, encoding="utf-8")
    return read_storages(path, lambda name: VARIABLES.get(name, ""))


def test_no_file_means_no_more_storages(tmp_path: Path) -> None:
    assert read_storages(tmp_path / "storages.toml", lambda _: "") == ()


_FOUR_KINDS = """
[old-bucket]
bucket = "my-old-bucket"
region = "eu-west-1"
prefix = "/study/"
access_key_id_env = "OLD_ID"
secret_access_key_env = "OLD_SECRET"
[role]
bucket = "with-a-role"
endpoint_url = "https://s3.example.org"
public_read = true
[usb]
kind = "local"
folder = "/media/usb"
[school]
kind = "supabase"
url = "https://abc.supabase.co"
bucket = "lecture audio"
service_key_env = "OLD_SECRET"
"""


def test_each_kind_of_storage_is_read_with_its_secrets_from_variables(tmp_path: Path) -> None:
    secret = Secret("secretsecretsecret")
    old = S3Settings(
        "my-old-bucket", "eu-west-1", prefix="study", access_key_id="AKIAOLDOLDOLD", secret_access_key=secret
    )
    assert read(tmp_path, _FOUR_KINDS) == (
        NamedPlace("old-bucket", old),
        NamedPlace("role", S3Settings("with-a-role", "us-east-1", "https://s3.example.org", public_read=True)),
        NamedPlace("usb", LocalSettings(Path("/media/usb"))),
        NamedPlace("school", SupabaseSettings("https://abc.supabase.co", "lecture audio", secret)),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[x", "no TOML"),
        ("kind = 's3'", "outside a table"),
        ("[x]\nbucket = 'my-bucket'\npublic_read = 'yes'", "neither true nor false"),
        ("[s3]\nbucket = 'my-bucket'", "'s3'"),
        ("[default]\nbucket = 'my-bucket'", "'default'"),
        ("[s3-4]\nbucket = 'my-bucket'", "'s3-4'"),
        ("['Öl']\nbucket = 'my-bucket'", "'Öl'"),
        ("[x]\nbucket = 'My_Bucket'", "lowercase"),
        ("[x]\nkind = 'ftp'", "'ftp'"),
        ("[x]\nbucket = 5", "bucket is no text"),
        ("[x]\nbucket = 'my-bucket'\nregoin = 'eu'", "'regoin'"),
        ("[x]\nbucket = 'my-bucket'\naccess_key_id_env = 'OLD_ID'", "half"),
        ("[x]\nbucket = 'my-bucket'\naccess_key_id_env = ''", "access_key_id_env names no variable"),
        ("[x]\nbucket = 'my-bucket'\naccess_key_id_env = 5", "access_key_id_env names no variable"),
        ("[x]\nbucket = 'my-bucket'\naccess_key_id_env = 'SPACED'", "SPACED"),
        ("[x]\nkind = 'local'", "folder"),
        ("[x]\nkind = 'supabase'\nurl = 'https://a.b'\nbucket = 'b'", "service key"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)
    assert str(tmp_path / "storages.toml") in str(caught.value)
    assert caught.value.fix


def test_variables_that_are_not_set_are_kept_with_their_place(tmp_path: Path) -> None:
    text = _FOUR_KINDS.replace("OLD_SECRET", "NOT_SET")
    old, role, _, school = (named.settings for named in read(tmp_path, text))
    assert isinstance(old, S3Settings)
    assert isinstance(role, S3Settings)
    assert isinstance(school, SupabaseSettings)
    assert (old.unset, role.unset, school.unset) == (("NOT_SET",), (), ("NOT_SET",))
    assert (old.bucket, school.bucket) == ("my-old-bucket", "lecture audio")


def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, "[x]\nbucket = 'my-bucket'\nsecret_access_key = 'hunter2hunter2'")
    assert "hunter2" not in str(caught.value) + caught.value.fix
    assert "secret_access_key_env" in caught.value.fix


def test_what_is_to_be_changed_is_called_what_it_is_called_in_the_file(tmp_path: Path) -> None:
    old, role, _, school = (named.settings for named in read(tmp_path, _FOUR_KINDS))
    assert isinstance(old, S3Settings)
    assert isinstance(role, S3Settings)
    assert isinstance(school, SupabaseSettings)
    said = "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and S3_ENDPOINT_URL, or python -m studybuddy setup-bucket."
    told = old.wording.of(said)
    assert told == (
        "Check OLD_ID, OLD_SECRET and endpoint_url of [old-bucket] in storages.toml, "
        "or python -m studybuddy setup-bucket old-bucket."
    )
    assert old.wording.of(told) == told
    assert "access_key_id_env of [role] in storages.toml" in role.wording.of(said)
    assert school.wording.of("SUPABASE_URL SUPABASE_SERVICE_KEY") == "url of [school] in storages.toml OLD_SECRET"
    assert old.wording.region("eu-north-1") == ("in storages.toml, under [old-bucket]", 'region = "eu-north-1"')
    assert S3Settings("b", "eu-west-1").wording.of(said) == said
