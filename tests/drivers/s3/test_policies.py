"""The policies' texts: for exactly one bucket, prefix and use."""

import json
from dataclasses import replace

import pytest

from studybuddy.drivers.s3.bucket import location_of
from studybuddy.drivers.s3.policies import Policy, policy_for_keys, with_public_read, without_public_read
from studybuddy.drivers.s3.rules import cors_rule, lifecycle_rules, merged
from studybuddy.settings.places import S3Settings

PLACE = S3Settings("my-bucket", "eu-central-1")
BELOW = replace(PLACE, prefix="study/2026")
FOREIGN = {
    "Sid": "Theirs",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": "arn:aws:s3:::my-bucket/x",
}


def actions(policy: Policy) -> set[str]:
    found: set[str] = set()
    for statement in policy["Statement"]:
        found |= {statement["Action"]} if isinstance(statement["Action"], str) else set(statement["Action"])
    return found


def test_daily_work_needs_seven_permissions_on_one_bucket() -> None:
    policy = policy_for_keys(PLACE, "daily")
    assert actions(policy) == {
        "s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:ListBucket",
        "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload", "s3:ListBucketMultipartUploads",
    }  # fmt: skip
    assert policy == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "StudyBuddyFiles",
                "Effect": "Allow",
                "Action": [
                    "s3:PutObject",
                    "s3:GetObject",
                    "s3:DeleteObject",
                    "s3:ListMultipartUploadParts",
                    "s3:AbortMultipartUpload",
                ],
                "Resource": "arn:aws:s3:::my-bucket/*",
            },
            {
                "Sid": "StudyBuddyList",
                "Effect": "Allow",
                "Action": ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
                "Resource": "arn:aws:s3:::my-bucket",
            },
        ],
    }


def test_a_prefix_bounds_what_the_keys_may_touch_and_list() -> None:
    files, listing = policy_for_keys(BELOW, "daily")["Statement"]
    assert files["Resource"] == "arn:aws:s3:::my-bucket/study/2026/*"
    assert listing["Condition"] == {"StringLikeIfExists": {"s3:prefix": ["study/2026/*"]}}


def test_the_set_up_needs_more_and_only_on_the_bucket_itself() -> None:
    policy = policy_for_keys(PLACE, "set-up")
    seed = {
        "s3:CreateBucket",
        "s3:PutObject",
        "s3:GetObject",
        "s3:DeleteObject",
        "s3:PutBucketPolicy",
        "s3:PutBucketCORS",
    }
    assert seed | {"s3:PutBucketPublicAccessBlock", "s3:PutLifecycleConfiguration"} < actions(policy)
    assert not [action for action in actions(policy) if "*" in action or "Acl" in action]
    assert policy["Statement"][2]["Resource"] == "arn:aws:s3:::my-bucket"


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("us-west-2", "aws")]
)
def test_a_region_has_its_partition(region: str, partition: str) -> None:
    text = json.dumps(policy_for_keys(replace(PLACE, region=region), "set-up"))
    assert text.count("arn:") == text.count(f"arn:{partition}:s3:::my-bucket")


def test_everyone_may_read_people_s_files_and_nothing_else() -> None:
    [statement] = with_public_read(None, BELOW)["Statement"]
    assert (statement["Principal"], statement["Action"], statement["Effect"]) == ("*", "s3:GetObject", "Allow")
    folder = "arn:aws:s3:::my-bucket/study/2026"
    assert statement["Resource"] == [f"{folder}/audio/*", f"{folder}/images/*", f"{folder}/study-sessions/*"]


@pytest.mark.parametrize(
    "found", [None, {"Version": "2008-10-17", "Id": "x", "Statement": [FOREIGN]}, {"Statement": FOREIGN}]
)
def test_what_others_say_in_a_policy_stays(found: Policy | None) -> None:
    public = with_public_read(found, PLACE)
    assert with_public_read(public, PLACE) == public
    assert len(public["Statement"]) == (1 if found is None else 2)
    private = without_public_read(public, PLACE)
    assert (private or {}).get("Statement") == (None if found is None else [FOREIGN])
    assert without_public_read(private, PLACE) == private
    if found and "Id" in found:
        assert private == found


def test_two_prefixes_of_one_bucket_do_not_take_each_other_s_statements_and_rules() -> None:
    both = with_public_read(with_public_read(None, PLACE), BELOW)
    assert len(both["Statement"]) == 2
    assert without_public_read(both, BELOW) == with_public_read(None, PLACE)
    rules = merged(lifecycle_rules("", keeps_versions=True), lifecycle_rules("study", keeps_versions=True))
    assert len({rule["ID"] for rule in rules}) == len(rules) == 6 + 2


def test_old_versions_end_where_ours_are_and_nowhere_else() -> None:
    ended = [rule["Filter"]["Prefix"] for rule in lifecycle_rules("", keeps_versions=True) if "Expiration" in rule]
    assert ended == ["audio/", "images/", "study-sessions/", "backups/", "study-buddy-check/"]
    assert all("Days" not in rule.get("Expiration", {}) for rule in lifecycle_rules("a", keeps_versions=True))
    assert [rule["Filter"]["Prefix"] for rule in lifecycle_rules("a", keeps_versions=True)] == ["a/", "a/"]
    assert len(lifecycle_rules("a", keeps_versions=False)) == 1


def test_rules_of_others_stay_and_ours_are_replaced() -> None:
    theirs = {"ID": "theirs", "AllowedOrigins": ["*"]}
    old = merged([theirs], [cors_rule("", ["https://a.example"])])
    new = merged(old, [cors_rule("", ["https://b.example"])])
    assert [rule["AllowedOrigins"] for rule in new] == [["*"], ["https://b.example"]]
    assert merged(new, [cors_rule("", ["https://b.example"])]) is new


@pytest.mark.parametrize(
    ("endpoint_url", "region", "location"),
    [
        (None, "us-east-1", {}),
        (None, "eu-west-1", {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}),
        ("https://abc.r2.cloudflarestorage.com", "auto", {}),
        ("https://s3.us-west-004.backblazeb2.com", "us-west-004", {}),
        ("http://127.0.0.1:9000", "eu-1", {"CreateBucketConfiguration": {"LocationConstraint": "eu-1"}}),
    ],
)
def test_a_new_bucket_is_told_its_region_where_that_is_wanted(
    endpoint_url: str | None, region: str, location: dict[str, object]
) -> None:
    assert location_of(replace(PLACE, region=region, endpoint_url=endpoint_url)) == location


def test_a_rule_that_comes_back_in_the_older_form_is_ours_still() -> None:
    ours = lifecycle_rules("", keeps_versions=False)
    older = [{**{name: value for name, value in rule.items() if name != "Filter"}, "Prefix": ""} for rule in ours]
    assert merged(older, ours) is older
    assert merged([{**older[0], "Prefix": "other/"}], ours) == ours
