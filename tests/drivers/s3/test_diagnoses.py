"""Each fault that was planted gets its own right diagnosis, with the fix, and nothing stays behind."""

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studybuddy.drivers.checks import Check, carry_out
from studybuddy.drivers.s3.check_settings import BucketSettings
from studybuddy.drivers.s3.clients import Deadlines
from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.drivers.s3.place import Place
from studybuddy.settings.places import S3Settings
from tests.drivers.s3.test_checks import add_rule, diagnosed, everything_in, outcomes, set_up
from tests.servers import strict_s3
from tests.servers.fault_proxy import FaultProxy
from tests.servers.place import Server

SHORT = Deadlines(connect=1.0, answer=1.0, retry=1.0)


@pytest.fixture
def bucket(strict_s3_server: Server) -> str:
    return strict_s3_server.new_bucket()


@pytest.fixture
def settings(strict_s3_server: Server, bucket: str) -> S3Settings:
    return strict_s3_server.settings(bucket)


@pytest.fixture
def proxy(strict_s3_server: Server) -> Iterator[FaultProxy]:
    proxy = FaultProxy(strict_s3_server.url)
    yield proxy
    proxy.close()


def only_failure(settings: S3Settings, *, deadlines: Deadlines | None = None) -> Check:
    """Return the one check that failed; what comes behind it may only be skipped."""
    checks = list(S3Driver(settings, deadlines=deadlines).diagnose())
    (failed,) = [check for check in checks if check.outcome == "failed"]
    behind = checks[checks.index(failed) + 1 :]
    assert {check.outcome for check in behind} <= {"skipped", "unknown"}
    assert all(check.reason for check in behind)
    return failed


def pasted(check: Check) -> Any:
    """Return the policy that is offered to be pasted."""
    return json.loads(check.fix.partition("\n")[2])


def judged(settings: S3Settings) -> dict[str, Check]:
    """Judge the bucket's settings alone."""
    place = Place(settings, Deadlines(), checksums=None)
    return {check.name: check for check in carry_out(BucketSettings(place).steps())}


@pytest.mark.parametrize(
    ("key", "name", "reason", "fix"),
    [
        ("a-key-of-someone-else", "keys", "does not know this access key", "AWS_ACCESS_KEY_ID"),
        (strict_s3.WRONG_SECRET_KEY, "keys", "secret key does not belong", "AWS_SECRET_ACCESS_KEY"),
        (strict_s3.EXPIRED_KEY, "keys", "expired", "AWS_SESSION_TOKEN"),
        (strict_s3.SKEWED_KEY, "clock", "20 min behind", "timedatectl"),
    ],
)
def test_what_is_wrong_with_the_keys_or_the_clock_is_told(
    settings: S3Settings, key: str, name: str, reason: str, fix: str
) -> None:
    failed = only_failure(replace(settings, access_key_id=key))
    assert failed.name == name
    assert reason in failed.reason
    assert fix in failed.fix


def test_a_wrong_secret_is_told_by_a_server_that_checks_signatures(rclone_server: Server) -> None:
    wrong = Server(rclone_server.url, rclone_server.access_key, "wrong-secret-of-some-length")
    failed = only_failure(wrong.settings(rclone_server.new_bucket()))
    assert (failed.name, "AWS_SECRET_ACCESS_KEY" in failed.fix) == ("keys", True)
    assert "wrong-secret" not in failed.reason + failed.fix


def test_no_keys_at_all_are_told(settings: S3Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    failed = only_failure(replace(settings, access_key_id=None, secret_access_key=None))
    assert failed.name == "credentials"
    assert "AWS_ACCESS_KEY_ID" in failed.fix


def test_the_line_with_the_right_region_is_offered(settings: S3Settings) -> None:
    failed = only_failure(replace(settings, region="eu-west-1"))
    assert failed.name == "region"
    assert failed.fix.splitlines()[-1] == "AWS_REGION=us-east-1"


def test_a_missing_bucket_is_told_and_how_to_make_it(settings: S3Settings) -> None:
    failed = only_failure(replace(settings, bucket="no-such-bucket"))
    assert failed.name == "bucket"
    assert "there is no bucket no-such-bucket" in failed.reason
    assert "setup-bucket" in failed.fix


def test_a_bucket_of_someone_else_is_told_apart_from_a_missing_permission(settings: S3Settings, bucket: str) -> None:
    others = only_failure(replace(settings, bucket=f"{strict_s3.OTHERS}bucket"))
    assert "belongs to someone else" in others.reason
    assert "STUDY_BUDDY_BUCKET_NAME" in others.fix
    mine = only_failure(replace(settings, access_key_id=strict_s3.NO_LIST_KEY))
    assert "which is yours: access denied" in mine.reason
    assert bucket in mine.reason
    assert "s3:ListBucket" in mine.fix.splitlines()[0]
    assert pasted(mine)["Statement"][1]["Action"] == ["s3:ListBucket", "s3:ListBucketMultipartUploads"]


def test_a_bucket_of_someone_else_may_only_be_guessed_by_keys_that_see_no_list(settings: S3Settings) -> None:
    bucket = f"{strict_s3.OTHERS}bucket"
    failed = only_failure(replace(settings, bucket=bucket, access_key_id=strict_s3.LEAST_KEY))
    assert (failed.name, "or these keys may not list it" in failed.reason) == ("bucket", True)


def test_a_refused_delete_is_told_with_what_stays(strict_s3_server: Server, settings: S3Settings, bucket: str) -> None:
    checks = diagnosed(replace(settings, access_key_id=strict_s3.NO_DELETE_KEY))
    failed = [check for check in checks.values() if check.outcome == "failed"]
    assert [check.name for check in failed] == ["delete"]
    assert "s3:DeleteObject" in failed[0].fix.splitlines()[0]
    assert "s3:DeleteObject" in pasted(failed[0])["Statement"][0]["Action"]
    left = everything_in(strict_s3_server, bucket)
    assert f"{len(left)} objects" in failed[0].reason
    assert all(key.rpartition("/")[0] in failed[0].reason for key in left)


def test_a_service_that_takes_only_plain_keys_is_told_and_no_more(
    strict_s3_server: Server, proxy: FaultProxy, bucket: str
) -> None:
    proxy.add("status:400:InvalidURI", path="Vorlesung", times=999)
    checks = diagnosed(strict_s3_server.at(proxy.url).settings(bucket))
    assert (checks["names"].outcome, checks["delete"].outcome) == ("warning", "passed")
    assert everything_in(strict_s3_server, bucket) == []


def test_refused_access_lists_are_told(strict_s3_server: Server, proxy: FaultProxy, bucket: str) -> None:
    proxy.add("status:400:AccessControlListNotSupported", method="PUT", times=999)
    checks = diagnosed(strict_s3_server.at(proxy.url).settings(bucket))
    assert checks["put"].outcome == "failed"
    assert "access lists" in checks["put"].reason
    assert {checks[name].outcome for name in ("get", "copy", "multipart", "link", "delete")} == {"skipped"}
    assert everything_in(strict_s3_server, bucket) == []


def test_keys_with_the_daily_rights_alone_pass_and_what_they_may_not_read_is_unknown(
    strict_s3_server: Server, settings: S3Settings, bucket: str
) -> None:
    set_up(strict_s3_server, bucket)
    checks = diagnosed(replace(settings, access_key_id=strict_s3.LEAST_KEY))
    assert {name for name, check in checks.items() if check.outcome == "failed"} == set()
    unknown = [check for check in checks.values() if check.outcome == "unknown"]
    assert {check.name for check in unknown} == {
        "public-access", "ownership", "policy", "cors", "versioning", "encryption", "lifecycle", "unfinished"
    }  # fmt: skip
    assert all("s3:" in check.reason for check in unknown)
    # The bucket keeps old versions, and these keys may not remove them: that is said.
    assert checks["delete"].outcome == "warning"
    assert "s3:DeleteObjectVersion" in checks["delete"].reason


def test_what_is_wrong_with_the_keys_asks_for_no_policy(settings: S3Settings) -> None:
    assert "Statement" not in only_failure(replace(settings, access_key_id=strict_s3.WRONG_SECRET_KEY)).fix


@pytest.mark.parametrize("place", ["refused", "black hole", "no such name"])
def test_a_service_that_is_not_there_ends_the_doctor_soon(settings: S3Settings, place: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hole:
        url = f"http://127.0.0.1:{hole.getsockname()[1]}"
        if place == "refused":
            hole.close()
        started = time.monotonic()
        url = "http://no-such.invalid" if place == "no such name" else url
        # A black hole is the slowest: it shows what the real deadlines come to.
        deadlines = None if place == "black hole" else SHORT
        failed = only_failure(replace(settings, endpoint_url=url), deadlines=deadlines)
    assert time.monotonic() - started < 20
    assert failed.name == "endpoint"
    words = {"refused": "nothing listens", "black hole": "does not answer", "no such name": "cannot be found"}
    assert words[place] in failed.reason
    assert "S3_ENDPOINT_URL" in failed.fix


def test_a_service_that_dies_in_the_middle_is_told(strict_s3_server: Server, proxy: FaultProxy, bucket: str) -> None:
    driver = S3Driver(strict_s3_server.at(proxy.url).settings(bucket), deadlines=SHORT)
    checks = driver.diagnose()
    while next(checks).name != "multipart":
        pass
    proxy.add("reset_before", times=999)
    rest = {check.name: check for check in checks}
    assert (rest["link"].outcome, rest["names"].outcome) == ("failed", "failed")
    assert "does not answer" in rest["names"].reason
    assert {rest[name].outcome for name in rest if name not in {"link", "names"}} == {"skipped"}


def test_public_files_are_told_when_the_settings_want_them_private(
    strict_s3_server: Server, settings: S3Settings, bucket: str
) -> None:
    opened = replace(settings, public_read=True)
    assert outcomes(judged(opened))["policy"] == "warning"
    set_up(strict_s3_server, bucket)
    refused = judged(opened)["public-access"]
    assert (refused.outcome, "--public-read" in refused.fix) == ("failed", True)
    client = strict_s3_server.client()
    client.delete_public_access_block(Bucket=bucket)
    client.put_bucket_policy(Bucket=bucket, Policy=public_policy(bucket, "elsewhere/*"))
    assert outcomes(judged(settings))["policy"] == "passed"
    client.put_bucket_policy(Bucket=bucket, Policy=public_policy(bucket, "*"))
    public = judged(settings)["policy"]
    assert (public.outcome, "setup-bucket" in public.fix) == ("failed", True)
    assert outcomes(judged(opened))["policy"] == "passed"


def public_policy(bucket: str, what: str) -> str:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    return json.dumps({"Statement": [{**statement, "Resource": f"arn:aws:s3:::{bucket}/{what}"}]})


def test_a_rule_that_deletes_files_after_a_time_is_an_illness(
    strict_s3_server: Server, settings: S3Settings, bucket: str
) -> None:
    mine = replace(settings, prefix="study")
    for prefix, outcome in (("", "failed"), ("study/old", "failed"), ("logs/", "warning")):
        add_rule(strict_s3_server, bucket, prefix=prefix, Expiration={"Days": 30})
        assert outcomes(judged(mine))["lifecycle"] == outcome, prefix
    add_rule(
        strict_s3_server, bucket, prefix="", AbortIncompleteMultipartUpload={"DaysAfterInitiation": 7},
        Transitions=[{"Days": 30, "StorageClass": "GLACIER"}],
    )  # fmt: skip
    archived = judged(mine)["lifecycle"]
    assert (archived.outcome, "archive" in archived.reason) == ("warning", True)


def test_unfinished_objects_are_counted_with_their_bytes(
    strict_s3_server: Server, settings: S3Settings, bucket: str
) -> None:
    client = strict_s3_server.client()
    for number in range(2):
        key = f"study/{number}"
        upload = client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        client.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=bytes(1_500_000))
    client.create_multipart_upload(Bucket=bucket, Key="not-ours")
    found = judged(replace(settings, prefix="study"))["unfinished"]
    assert found.outcome == "warning"
    assert found.reason.startswith("2 unfinished objects with 3.0 MB")
    assert len(strict_s3_server.unfinished(bucket)) == 3
