"""The set-up of a bucket: on a server as strict as AWS, on Ceph, and on one that has no settings for buckets."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from studybuddy.drivers.s3.bucket import create_bucket
from studybuddy.drivers.s3.clients import Deadlines
from studybuddy.drivers.s3.driver import S3Driver
from studybuddy.drivers.s3.place import Place
from studybuddy.drivers.setup_steps import BucketPlan, SetupStep
from studybuddy.errors import StorageError
from studybuddy.settings.places import S3Settings, Secret
from tests import patient
from tests.contracts.base import KEY, keys_in, put
from tests.servers import strict_s3
from tests.servers.fault_proxy import FaultProxy
from tests.servers.place import Server, new_name

PRIVATE = BucketPlan()
ORIGIN = "https://study.example.org"
PUBLIC = BucketPlan(public_read=True, cors_origins=(ORIGIN,))
PARTS = ["ownership", "policy", "public-access", "versioning", "lifecycle"]
ALL = ["credentials", "bucket", *PARTS, "access"]
_QUESTIONS = {
    "get_bucket_ownership_controls": "OwnershipControls",
    "get_public_access_block": "PublicAccessBlockConfiguration",
    "get_bucket_policy": "Policy",
    "get_bucket_versioning": "Status",
    "get_bucket_lifecycle_configuration": "Rules",
    "get_bucket_cors": "CORSRules",
}


@pytest.fixture
def proxy(strict_s3_server: Server) -> Iterator[FaultProxy]:
    proxy = FaultProxy(strict_s3_server.url)
    yield proxy
    proxy.close()


def steps(settings: S3Settings, plan: BucketPlan = PRIVATE, *, dry_run: bool = False) -> dict[str, SetupStep]:
    return {step.name: step for step in S3Driver(settings).set_up(plan, dry_run=dry_run)}


def outcomes(settings: S3Settings, plan: BucketPlan = PRIVATE, *, dry_run: bool = False) -> dict[str, str]:
    return {name: step.outcome for name, step in steps(settings, plan, dry_run=dry_run).items()}


def configuration(server: Server, bucket: str) -> dict[str, Any]:
    """Return all that the bucket's settings say."""
    found = {}
    for operation, part in _QUESTIONS.items():
        try:
            found[part] = getattr(server.client(), operation)(Bucket=bucket).get(part)
        except ClientError:
            found[part] = None
    return found


def test_a_missing_bucket_is_made_private_and_the_second_run_changes_nothing(
    strict_s3_server: Server, proxy: FaultProxy
) -> None:
    settings = strict_s3_server.at(proxy.url).settings(new_name(), prefix="my/study")
    assert outcomes(settings) == {
        **dict.fromkeys(["credentials", "policy", "access"], "already"),
        **dict.fromkeys(["bucket", "ownership", "public-access", "versioning", "lifecycle"], "done"),
    }
    found = configuration(strict_s3_server, settings.bucket)
    assert set(found["PublicAccessBlockConfiguration"].values()) == {True}
    assert found["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert (found["Status"], found["Policy"], found["CORSRules"]) == ("Enabled", None, None)
    unfinished, deleted = found["Rules"]
    assert unfinished["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert deleted["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert {rule["Filter"]["Prefix"] for rule in found["Rules"]} == {"my/study/"}

    proxy.log.clear()
    assert outcomes(settings) == dict.fromkeys(ALL, "already")
    assert configuration(strict_s3_server, settings.bucket) == found
    changes = [target for method, target, _ in proxy.log if method not in {"GET", "HEAD"}]
    assert changes
    assert all("study-buddy-check" in target for target in changes)
    assert keys_in(S3Driver(settings)) == []


def test_a_dry_run_changes_nothing_and_says_what_would_be_done(strict_s3_server: Server, proxy: FaultProxy) -> None:
    settings = strict_s3_server.at(proxy.url).settings(new_name())
    assert outcomes(settings, dry_run=True) == {"credentials": "already", **dict.fromkeys(ALL[1:], "would")}
    assert {method for method, _, _ in proxy.log} <= {"GET", "HEAD"}
    with pytest.raises(ClientError):
        strict_s3_server.client().head_bucket(Bucket=settings.bucket)
    outcomes(settings)
    proxy.log.clear()
    would = outcomes(settings, PUBLIC, dry_run=True)
    assert [name for name, outcome in would.items() if outcome == "would"] == [
        *("public-access", "policy", "cors", "access")
    ]
    assert {method for method, _, _ in proxy.log} <= {"GET", "HEAD"}


def test_what_a_dry_run_says_is_what_a_run_does(strict_s3_server: Server) -> None:
    settings = strict_s3_server.settings(strict_s3_server.new_bucket())
    for plan in (PRIVATE, PUBLIC, PRIVATE):
        would = outcomes(settings, plan, dry_run=True)
        done = outcomes(settings, plan)
        would.pop("access"), done.pop("access")
        assert done == {name: "done" if outcome == "would" else outcome for name, outcome in would.items()}


def test_files_become_readable_by_everyone_and_nothing_else_does_until_it_is_undone(strict_s3_server: Server) -> None:
    settings = strict_s3_server.settings(new_name(), prefix="mine")
    driver = S3Driver(settings)
    private = configuration_after(strict_s3_server, settings, PRIVATE)
    put(driver, KEY, b"a lecture")
    put(driver, "backups/catalog.db", b"everything")
    public = S3Driver(replace(settings, public_read=True))
    url, hidden = (plain_url(public, key) for key in (KEY, "backups/catalog.db"))
    assert url == f"{strict_s3_server.url}/{settings.bucket}/mine/{KEY}"
    assert patient.get(url).status_code == 403

    made = steps(settings, PUBLIC)
    assert {made[name].outcome for name in ("public-access", "policy", "cors")} == {"done"}
    assert "Everyone" in made["policy"].reason
    assert (patient.get(url).content, patient.get(hidden).status_code) == (b"a lecture", 403)
    block = configuration(strict_s3_server, settings.bucket)["PublicAccessBlockConfiguration"]
    assert {name for name, on in block.items() if on} == {"BlockPublicAcls", "IgnorePublicAcls"}
    assert set(outcomes(settings, PUBLIC).values()) == {"already"}

    assert outcomes(settings)["policy"] == "done"
    assert patient.get(url).status_code == 403
    cors = configuration(strict_s3_server, settings.bucket)
    assert cors.pop("CORSRules")[0]["AllowedOrigins"] == [ORIGIN]
    private.pop("CORSRules")
    assert cors == private


def configuration_after(server: Server, settings: S3Settings, plan: BucketPlan) -> dict[str, Any]:
    outcomes(settings, plan)
    return configuration(server, settings.bucket)


def plain_url(driver: S3Driver, key: str) -> str:
    return driver.url(key, expires=timedelta(minutes=1), disposition="inline", content_type="x/y")


def test_what_others_have_set_stays(strict_s3_server: Server) -> None:
    bucket, client = strict_s3_server.new_bucket(), strict_s3_server.client()
    rule = {"ID": "theirs", "Filter": {"Prefix": "logs/"}, "Status": "Enabled", "Expiration": {"Days": 3}}
    cors = {"AllowedOrigins": ["https://other.example"], "AllowedMethods": ["PUT"]}
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Sid": "Theirs", "Effect": "Deny", "Principal": "*",'
        f' "Action": "s3:PutObject", "Resource": "arn:aws:s3:::{bucket}/logs/*"}}]}}'
    )
    client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})  # type: ignore[list-item]
    client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [cors]})  # type: ignore[list-item]
    client.put_bucket_policy(Bucket=bucket, Policy=policy)
    client.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    )
    settings = strict_s3_server.settings(bucket, prefix="mine")
    for plan in (PUBLIC, PRIVATE):
        assert "failed" not in outcomes(settings, plan).values()
        found = configuration(strict_s3_server, bucket)
        assert found["Rules"][0] == rule
        assert found["CORSRules"][0]["AllowedOrigins"] == ["https://other.example"]
        assert len(found["CORSRules"]) == 2
        assert '"Theirs"' in found["Policy"]
        assert found["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerPreferred"}]
    assert "StudyBuddy" not in found["Policy"]


def test_a_service_without_such_settings_is_no_failure_until_one_is_asked_for(rclone_server: Server) -> None:
    settings = rclone_server.settings(new_name())
    expected = {"credentials": "already", "bucket": "done", **dict.fromkeys(PARTS, "unsupported"), "access": "already"}
    assert outcomes(settings) == expected
    assert outcomes(settings) == {**expected, "bucket": "already"}
    asked = outcomes(settings, PUBLIC)
    assert (asked["policy"], asked["cors"], asked["public-access"]) == ("failed", "failed", "unsupported")


@pytest.mark.parametrize("prefix", ["mine", ""])
def test_ceph_takes_all_of_it(ceph_server: Server, prefix: str) -> None:
    settings = ceph_server.settings(new_name(), prefix=prefix)
    first = outcomes(settings, PUBLIC)
    assert "failed" not in first.values()
    assert {first[name] for name in ("bucket", "policy", "versioning", "lifecycle", "cors")} == {"done"}
    found = configuration(ceph_server, settings.bucket)
    again = outcomes(settings, PUBLIC)
    assert set(again.values()) <= {"already", "unsupported"}
    assert configuration(ceph_server, settings.bucket) == found
    assert outcomes(settings)["policy"] == "done"
    assert "StudyBuddy" not in str(configuration(ceph_server, settings.bucket)["Policy"])


def test_the_bucket_of_someone_else_is_told_as_such(strict_s3_server: Server) -> None:
    found = steps(strict_s3_server.settings(f"{strict_s3.OTHERS}bucket"))
    assert list(found) == ["credentials", "bucket"]
    assert (found["credentials"].outcome, found["bucket"].outcome) == ("already", "failed")
    assert "belongs to someone else" in found["bucket"].reason
    assert "STUDY_BUDDY_BUCKET_NAME" in found["bucket"].fix


def test_a_bucket_that_someone_else_makes_at_the_same_time_is_not_taken_for_ours(strict_s3_server: Server) -> None:
    settings = strict_s3_server.settings(f"{strict_s3.OTHERS}new")
    with pytest.raises(StorageError) as raised:
        create_bucket(Place(settings, Deadlines(), checksums=None))
    assert raised.value.fix


@pytest.mark.parametrize("plan", [PRIVATE, PUBLIC], ids=["private", "public"])
def test_the_doctor_finds_nothing_amiss_in_a_bucket_that_was_set_up(strict_s3_server: Server, plan: BucketPlan) -> None:
    settings = replace(strict_s3_server.settings(new_name(), prefix="mine"), public_read=plan.public_read)
    outcomes(settings, plan)
    found = {check.name: check.outcome for check in S3Driver(settings).diagnose()}
    assert found.pop("encryption") == "unknown"  # AWS encrypts by itself
    assert set(found.values()) == {"passed"}, found


def test_wrong_keys_and_a_wrong_region_end_the_set_up_at_once(strict_s3_server: Server, rclone_server: Server) -> None:
    bucket = strict_s3_server.new_bucket()
    wrong_key = replace(strict_s3_server.settings(bucket), access_key_id="AKIAUNKNOWN")
    wrong_secret = replace(rclone_server.settings(new_name()), secret_access_key=Secret("wrong-secret"))
    wrong_region = replace(strict_s3_server.settings(bucket), region="eu-west-1")
    for settings, clue in ((wrong_key, "ACCESS_KEY"), (wrong_secret, "SECRET"), (wrong_region, "AWS_REGION=us-east-1")):
        [step] = steps(settings).values()
        assert (step.name, step.outcome) == ("credentials", "failed")
        assert clue in step.fix


def test_an_unreachable_service_ends_the_set_up_soon(strict_s3_server: Server) -> None:
    settings = strict_s3_server.at("http://127.0.0.1:9").settings("a-bucket")
    driver = S3Driver(settings, deadlines=Deadlines(connect=0.5, retry=0.5))
    [step] = driver.set_up(PRIVATE, dry_run=False)
    assert (step.outcome, bool(step.fix)) == ("failed", True)


@pytest.mark.parametrize(
    ("question", "failing"),
    [("ownershipControls", "ownership"), ("publicAccessBlock", "public-access"), ("policy", "policy"),
     ("versioning", "versioning"), ("lifecycle", "lifecycle"), ("cors", "cors")],
)  # fmt: skip
def test_a_denied_change_fails_alone_and_names_the_permission(
    strict_s3_server: Server, proxy: FaultProxy, question: str, failing: str
) -> None:
    settings = strict_s3_server.at(proxy.url).settings(strict_s3_server.new_bucket())
    proxy.add("status:403", method="PUT", path=f"?{question}", times=9)
    found = steps(settings, PUBLIC)
    failed = {name for name, step in found.items() if step.outcome == "failed"}
    # While it is blocked, a public policy is refused as well.
    assert failed == ({failing, "policy"} if failing == "public-access" else {failing})
    assert "s3:Put" in found[failing].fix
    assert "setup-bucket --policy set-up" in found[failing].fix
    assert found["access"].outcome == "already"


def test_without_versioning_no_rule_ends_old_versions(strict_s3_server: Server, proxy: FaultProxy) -> None:
    settings = strict_s3_server.at(proxy.url).settings(strict_s3_server.new_bucket())
    proxy.add("status:501:NotImplemented", path="?versioning", times=9)
    found = outcomes(settings)
    assert (found["versioning"], found["lifecycle"]) == ("unsupported", "done")
    assert len(configuration(strict_s3_server, settings.bucket)["Rules"]) == 1
