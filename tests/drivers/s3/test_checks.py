"""The doctor's checks of S3: what each server is told, and that nothing stays behind."""

import os
import time
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from studybuddy.drivers.checks import Check
from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.drivers.setup_steps import BucketPlan
from studybuddy.settings.places import S3Settings
from tests.servers import rclone
from tests.servers.place import Server

CONTACT = ["credentials", "endpoint", "clock", "region", "keys", "bucket"]
OBJECTS = ["put", "list", "head", "get", "range", "copy", "multipart", "link", "names", "empty", "delete"]
SETTINGS = ["public-access", "ownership", "policy", "cors", "versioning", "encryption", "lifecycle"]


def diagnosed(settings: S3Settings) -> dict[str, Check]:
    return {check.name: check for check in S3Driver(settings).diagnose()}


def outcomes(checks: dict[str, Check]) -> dict[str, str]:
    return {name: check.outcome for name, check in checks.items()}


def everything_in(server: Server, bucket: str) -> list[str]:
    """Return all objects, old versions, marks of deletion and unfinished objects."""
    client = server.client()
    try:
        versions = client.list_object_versions(Bucket=bucket)
        found = [one["Key"] for one in (*versions.get("Versions", []), *versions.get("DeleteMarkers", []))]
    except client.exceptions.ClientError:  # rclone has no versions
        found = [one["Key"] for one in client.list_objects_v2(Bucket=bucket).get("Contents", [])]
    return found + server.unfinished(bucket)


def test_a_new_bucket_passes_all_but_what_the_set_up_turns_on(strict_s3_server: Server) -> None:
    bucket = strict_s3_server.new_bucket()
    strict_s3_server.client().put_object(Bucket=bucket, Key="x/kept.txt", Body=b"kept")
    checks = diagnosed(strict_s3_server.settings(bucket, prefix="x"))
    assert outcomes(checks) == {
        **dict.fromkeys([*CONTACT, *OBJECTS, "policy", "cors", "unfinished"], "passed"),
        **dict.fromkeys(["public-access", "ownership", "versioning", "lifecycle"], "warning"),
        "encryption": "unknown",
    }
    assert list(checks) == [*CONTACT, *OBJECTS, *SETTINGS, "unfinished"]
    assert all(check.fix for check in checks.values() if check.outcome == "warning")
    assert everything_in(strict_s3_server, bucket) == ["x/kept.txt"]


def test_a_service_without_settings_for_buckets_leaves_them_unknown(rclone_server: Server) -> None:
    bucket = rclone_server.new_bucket()
    checks = diagnosed(rclone_server.settings(bucket))
    assert outcomes(checks) == {
        **dict.fromkeys([*CONTACT, *OBJECTS, "unfinished"], "passed"),
        **dict.fromkeys(SETTINGS, "unknown"),
    }
    assert everything_in(rclone_server, bucket) == []


def test_cephs_gateway_passes_too(ceph_server: Server) -> None:
    bucket = ceph_server.new_bucket()
    checks = diagnosed(ceph_server.settings(bucket))
    assert {name: checks[name].outcome for name in (*CONTACT, *OBJECTS)} == dict.fromkeys(CONTACT + OBJECTS, "passed")
    assert {check.outcome for check in checks.values()} <= {"passed", "warning", "unknown"}
    assert everything_in(ceph_server, bucket) == []
    wrong = Server(ceph_server.url, ceph_server.access_key, "wrong-secret-of-some-length")
    assert outcomes(diagnosed(wrong.settings(bucket)))["keys"] == "failed"


def test_after_the_set_up_nothing_is_left_to_warn_of(strict_s3_server: Server) -> None:
    settings = strict_s3_server.settings(f"made-by-set-up-{uuid4().hex[:8]}")
    list(S3Driver(settings).set_up(BucketPlan(), dry_run=False))
    found = outcomes(diagnosed(settings))
    assert {name for name, outcome in found.items() if outcome != "passed"} == {"encryption"}
    assert found["encryption"] == "unknown"


def test_a_bucket_that_is_set_up_passes_everything(strict_s3_server: Server) -> None:
    bucket, client = strict_s3_server.new_bucket(), strict_s3_server.client()
    set_up(strict_s3_server, bucket)
    client.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    )
    assert set(outcomes(diagnosed(strict_s3_server.settings(bucket))).values()) == {"passed"}
    assert everything_in(strict_s3_server, bucket) == []


def set_up(server: Server, bucket: str) -> None:
    client = server.client()
    client.put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
    client.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    add_rule(server, bucket, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 7})


def add_rule(server: Server, bucket: str, *, prefix: str = "", **rule: object) -> None:
    whole = {"ID": "rule", "Status": "Enabled", "Filter": {"Prefix": prefix}, **rule}
    server.client().put_bucket_lifecycle_configuration(
        Bucket=bucket,
        LifecycleConfiguration={"Rules": [whole]},  # type: ignore[list-item]
    )


@pytest.mark.parametrize("asked", range(1, len(CONTACT) + len(OBJECTS) + 1))
def test_stopped_after_any_check_it_leaves_nothing_behind(strict_s3_server: Server, asked: int) -> None:
    bucket = strict_s3_server.new_bucket()
    strict_s3_server.client().put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    checks = S3Driver(strict_s3_server.settings(bucket)).diagnose()
    for _ in range(asked):
        next(checks)
    checks.close()  # type: ignore[attr-defined]
    assert everything_in(strict_s3_server, bucket) == []


def test_keys_from_elsewhere_are_told_with_their_source(
    strict_s3_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = strict_s3_server.settings(strict_s3_server.new_bucket())
    told = diagnosed(settings)["credentials"].reason
    assert "settings" in told
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", strict_s3_server.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    told = diagnosed(replace(settings, access_key_id=None, secret_access_key=None))["credentials"].reason
    assert "the environment" in told
    assert strict_s3_server.access_key[-4:] in told
    assert strict_s3_server.access_key[-5:] not in told


def test_what_a_killed_doctor_left_is_removed_later_and_nothing_else(tmp_path: Path) -> None:
    with rclone.rclone_server(tmp_path) as url:
        server = Server(url, rclone.ACCESS_KEY, rclone.SECRET_KEY)
        bucket = server.new_bucket()
        keys = ["study-buddy-check/old/probe.txt", "study-buddy-check/running/probe.txt", "study-sessions/1/x.txt"]
        for key in keys:
            server.client().put_object(Bucket=bucket, Key=key, Body=b"left")
        hours_ago = time.time() - 7200
        for key in (keys[0], keys[2]):
            os.utime(tmp_path / "data" / bucket / key, (hours_ago, hours_ago))
        assert outcomes(diagnosed(server.settings(bucket)))["delete"] == "passed"
        assert everything_in(server, bucket) == keys[1:]
