"""How S3 is reached: style, signature, keys, certificates; and what is loaded and shown."""

import datetime
import ipaddress
import logging
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from studybuddy.drivers.s3.bodies import MAX_PARTS, PART_BYTES, part_bytes
from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.errors import PermissionDeniedError, UnavailableError
from studybuddy.settings.places import S3Settings, Secret
from studybuddy.units import GIB, MIB
from tests.contracts.base import KEY, get, put
from tests.contracts.sources import Endless, some_bytes
from tests.servers import strict_s3
from tests.servers.place import Server

AWS = S3Settings("my-bucket", "eu-central-1", access_key_id="AKIAEXAMPLE", secret_access_key=Secret("very-secret"))


def link(settings: S3Settings, *, expires: timedelta = timedelta(minutes=15)) -> str:
    return S3Driver(settings).url(KEY, expires=expires, disposition="attachment", content_type="application/pdf")


def test_a_driver_loads_no_client_before_it_is_used() -> None:
    code = """
import sys
from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.settings.places import S3Settings
S3Driver(S3Settings("bucket", "us-east-1"))
print([name for name in ("boto3", "botocore") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        (AWS, f"https://my-bucket.s3.eu-central-1.amazonaws.com/{KEY}"),
        (replace(AWS, prefix="a/b"), f"https://my-bucket.s3.eu-central-1.amazonaws.com/a/b/{KEY}"),
        (replace(AWS, bucket="with.dots"), f"https://s3.eu-central-1.amazonaws.com/with.dots/{KEY}"),
        (replace(AWS, endpoint_url="https://s3.example.org"), f"https://s3.example.org/my-bucket/{KEY}"),
    ],
)
def test_the_bucket_is_in_the_host_name_on_aws_alone(
    monkeypatch: pytest.MonkeyPatch, settings: S3Settings, place: str
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert link(settings).split("?", maxsplit=1)[0] == place


def test_a_link_is_signed_by_v4_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    query = parse_qs(urlsplit(link(AWS)).query)
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Expires"] == ["900"]
    longest = parse_qs(urlsplit(link(AWS, expires=timedelta(days=30))).query)
    assert longest["X-Amz-Expires"] == ["604800"]


def test_without_keys_in_the_settings_boto3_finds_its_own(
    strict_s3_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = strict_s3_server.new_bucket()
    credentials = tmp_path / "credentials"
    credentials.write_text(
        f"[study]\naws_access_key_id = {strict_s3_server.access_key}\naws_secret_access_key = secret\n"
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    settings = replace(strict_s3_server.settings(bucket), access_key_id=None, secret_access_key=None)
    with pytest.raises(PermissionDeniedError) as raised:
        S3Driver(settings).check()
    assert "AWS_ACCESS_KEY_ID" in raised.value.fix
    monkeypatch.setenv("AWS_PROFILE", "study")
    S3Driver(settings).check()


def test_nothing_that_is_logged_holds_a_secret_or_a_signature(
    rclone_server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="studybuddy")
    settings = rclone_server.settings(rclone_server.new_bucket())
    put(S3Driver(settings), KEY, b"x")
    with pytest.raises(PermissionDeniedError):
        S3Driver(replace(settings, secret_access_key=Secret("wrong-secret-value"))).check()
    with pytest.raises(UnavailableError):
        S3Driver(replace(settings, endpoint_url="http://127.0.0.1:1")).check()
    assert rclone_server.secret_key not in caplog.text
    assert "wrong-secret-value" not in caplog.text
    assert "Signature" not in caplog.text


@pytest.mark.parametrize("size", [65 * MIB, 8 * GIB, 78 * GIB, 79 * GIB, 5 * 1024 * GIB])
def test_an_object_never_has_too_many_parts(size: int) -> None:
    step = part_bytes(size)
    assert step >= PART_BYTES
    assert -(-size // step) <= MAX_PARTS


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that only we trust, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = tmp_path / "cert.pem", tmp_path / "key.pem"
    paths[0].write_bytes(built.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


def test_a_certificate_of_ones_own_is_trusted_when_it_is_named(
    tmp_path: Path, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with strict_s3.strict_s3_server(tmp_path, cert=certificate[0], key=certificate[1]) as url:
        server = Server(url, strict_s3.ACCESS_KEY, strict_s3.SECRET_KEY)
        driver = S3Driver(server.settings("bucket"))
        with pytest.raises(UnavailableError) as raised:
            driver.check()
        assert "AWS_CA_BUNDLE" in raised.value.fix
        told = {check.name: check for check in driver.diagnose()}
        assert ("AWS_CA_BUNDLE" in told["endpoint"].fix, told["bucket"].outcome) == (True, "skipped")
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate[0]))
        driver = S3Driver(server.settings(server.new_bucket()))
        assert {check.outcome for check in driver.diagnose()} <= {"passed", "warning", "unknown"}
        write_and_read: tuple[Callable[[], object], ...] = (
            lambda: put(driver, "small", some_bytes(1000)),
            lambda: driver.write("parts", Endless(65 * MIB), size=65 * MIB, content_type="x/y"),
        )
        for write in write_and_read:
            write()
        assert get(driver, "small") == some_bytes(1000)
        assert get(driver, "parts", 65 * MIB - 5) == Endless(MIB).read()[-5:]
