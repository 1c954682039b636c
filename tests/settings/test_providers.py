"""The table of S3's likes: each is known by its address, and README says the same."""

import re
from pathlib import Path

import pytest

from studybuddy.errors import SettingsError
from studybuddy.settings import load_settings
from studybuddy.settings.providers import PROVIDERS, Provider, provider_of, region_of

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
KEYS = {
    "AWS_S3_BUCKET": "my-bucket",
    "AWS_ACCESS_KEY_ID": "GK31c2f218a2e44f485b94239e",
    "AWS_SECRET_ACCESS_KEY": "s" * 40,
}


@pytest.mark.parametrize(
    ("endpoint_url", "name", "region"),
    [
        (None, "Amazon S3", "us-east-1"),
        ("https://s3.amazonaws.com", "Amazon S3", "us-east-1"),
        ("https://s3.eu-west-1.amazonaws.com", "Amazon S3", "eu-west-1"),
        ("https://s3-us-west-2.amazonaws.com", "Amazon S3", "us-west-2"),
        ("https://s3.dualstack.ap-south-1.amazonaws.com", "Amazon S3", "ap-south-1"),
        ("https://s3.us-gov-west-1.amazonaws.com", "Amazon S3", "us-gov-west-1"),
        ("https://s3.cn-north-1.amazonaws.com.cn", "Amazon S3", "cn-north-1"),
        ("https://bucket.vpce-1a2b-3c4d.s3.us-east-2.vpce.amazonaws.com", "Amazon S3", "us-east-2"),
        ("https://0123456789abcdef.r2.cloudflarestorage.com", "Cloudflare R2", "auto"),
        ("https://0123456789abcdef.eu.r2.cloudflarestorage.com", "Cloudflare R2", "auto"),
        ("https://s3.us-west-004.backblazeb2.com", "Backblaze B2", "us-west-004"),
        ("https://s3.wasabisys.com", "Wasabi", "us-east-1"),
        ("https://s3.eu-central-2.wasabisys.com", "Wasabi", "eu-central-2"),
        ("https://abcdefgh.storage.supabase.co/storage/v1/s3", "Supabase", "us-east-1"),
        ("https://abcdefgh.supabase.co/storage/v1/s3", "Supabase", "us-east-1"),
        ("http://127.0.0.1:54321/storage/v1/s3", "Supabase", "us-east-1"),
        ("http://127.0.0.1:3900", "Garage", "garage"),
        ("https://s3.garage.example.org", "Garage", "garage"),
        ("http://localhost:8333", "SeaweedFS", "us-east-1"),
        ("http://10.0.0.7:7480", "Ceph", "us-east-1"),
        ("https://rgw.example.org/files", "Ceph", "us-east-1"),
        ("http://127.0.0.1:9000", "Others", "us-east-1"),
        ("http://[::1]:9000", "Others", "us-east-1"),
        ("https://amazonaws.com.example.org", "Others", "us-east-1"),
        ("https://notamazonaws.com", "Others", "us-east-1"),
    ],
)
def test_a_provider_and_its_region_are_known_by_the_endpoint(endpoint_url: str | None, name: str, region: str) -> None:
    assert provider_of(endpoint_url).name == name
    assert region_of(endpoint_url) == region


@pytest.mark.parametrize("provider", PROVIDERS[1:-1], ids=lambda provider: provider.name)
def test_an_endpoint_and_keys_are_settings_enough(provider: Provider) -> None:
    endpoint_url = re.sub(
        "REGION|[A-Z]{4,}", lambda word: "eu-central-003" if word[0] == "REGION" else "abcd", provider.endpoint
    )
    settings = load_settings({**KEYS, "S3_ENDPOINT_URL": endpoint_url}, env_file=Path("no.env"))
    assert settings.s3 is not None
    assert provider_of(settings.s3.endpoint_url) is provider
    assert settings.s3.region == ("eu-central-003" if "REGION" in provider.endpoint else provider.region)
    named = load_settings({**KEYS, "S3_ENDPOINT_URL": endpoint_url, "AWS_REGION": "eu-west-9"}, env_file=Path("no.env"))
    assert named.s3 is not None
    assert named.s3.region == "eu-west-9"


@pytest.mark.parametrize("host", ["abc.r2.cloudflarestorage.com", "s3.eu-west-1.amazonaws.com"])
def test_a_bucket_behind_the_address_is_refused_where_an_address_has_no_path(host: str) -> None:
    with pytest.raises(SettingsError, match="ends with /my-bucket"):
        load_settings({**KEYS, "S3_ENDPOINT_URL": f"https://{host}/my-bucket"}, env_file=Path("no.env"))


def test_the_readme_shows_the_table() -> None:
    shown = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| (host name|path) \| ([^|]+) \|$", README, re.MULTILINE)
    assert shown == [
        (
            provider.name,
            f"`{provider.endpoint}`" if "://" in provider.endpoint else provider.endpoint or "not set",
            "the address's" if "REGION" in provider.endpoint else f"`{provider.region}`",
            "host name" if provider.bucket_in_host else "path",
            "SHA-256" if provider.checksums else "MD5, or reading them back",
        )
        for provider in PROVIDERS
    ]
