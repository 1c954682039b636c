"""The table of error codes: each tells its cause and what to do, in words of ours."""

import re
import string

import pytest
from botocore.exceptions import ClientError

from studybuddy.drivers.s3.errors import ErrorTable
from studybuddy.drivers.s3.meanings import BY_CODE, BY_STATUS
from studybuddy.errors import (
    IntegrityError,
    InvalidKeyError,
    ObjectNotFoundError,
    PermissionDeniedError,
    StorageError,
    UnavailableError,
    UnsupportedError,
)
from studybuddy.settings.places import S3Settings, Wording

TABLE = ErrorTable(S3Settings("my-bucket", "eu-west-1", endpoint_url="https://s3.example.org"))
CODES = set(
    re.findall(
        r"\S+",
        """AccessControlListNotSupported SignatureDoesNotMatch RequestTimeTooSkewed InvalidAccessKeyId ExpiredToken
PermanentRedirect AuthorizationHeaderMalformed BucketAlreadyExists BucketAlreadyOwnedByYou SlowDown InvalidBucketName
NoSuchBucketPolicy EntityTooLarge EntityTooSmall MalformedPolicy InvalidBucketState KMS.DisabledException InvalidRequest
MissingContentLength TooManyBuckets InvalidLocationConstraint InvalidPart AccessDenied NoSuchBucket InvalidToken
IllegalLocationConstraintException NotImplemented BadDigest InvalidObjectState QuotaExceeded ServiceUnavailable
InternalError RequestTimeout PreconditionFailed InvalidRange KeyTooLongError NoSuchKey NoSuchUpload""",
    )
)


def error(code: str, status: int = 400, **more: str) -> ClientError:
    told = {"Code": code, "Message": "https://secret.example/?X-Amz-Signature=abc", **more}
    return ClientError({"Error": told, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutObject")  # type: ignore[typeddict-item]


def ours(code: str, status: int = 400, **more: str) -> StorageError:
    return TABLE.ours(error(code, status, **more), what="Writing a/b", permission="s3:PutObject", key="a/b")


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_every_code_has_a_plain_cause_and_all_but_plain_facts_a_fix(code: str) -> None:
    found = ours(code)
    assert str(found).startswith("Writing a/b: ")
    assert code not in str(found)
    assert "Signature=" not in f"{found}{found.fix}{vars(found)}"
    facts = (ObjectNotFoundError, InvalidKeyError, UnsupportedError)
    assert found.fix or isinstance(found, facts) or code in {"PreconditionFailed", "InvalidRange"}


@pytest.mark.parametrize("meaning", [*BY_CODE.values(), *BY_STATUS.values()])
def test_no_text_asks_for_a_word_that_is_not_there(meaning: object) -> None:
    texts = f"{getattr(meaning, 'happened')}{getattr(meaning, 'fix')}"  # noqa: B009
    words = {name for _, name, _, _ in string.Formatter().parse(texts) if name}
    assert words <= {"what", "bucket", "region", "endpoint", "permission"}


def test_the_codes_that_people_meet_are_known() -> None:
    assert set(BY_CODE) >= CODES
    assert len(set(BY_CODE)) >= 30


def test_every_command_that_a_fix_names_is_one_of_ours() -> None:
    texts = " ".join(meaning.fix for meaning in BY_CODE.values())
    assert set(re.findall(r"python -m studybuddy ([a-z-]+)", texts)) <= {"doctor", "setup-bucket"}


def test_what_is_lost_on_its_way_may_be_sent_again_and_what_is_refused_may_not() -> None:
    assert isinstance(ours("InvalidPart"), IntegrityError)
    assert isinstance(ours("SlowDown", 503), UnavailableError)
    assert isinstance(ours("SignatureDoesNotMatch", 403), PermissionDeniedError)
    assert not ours("SignatureDoesNotMatch", 403).retryable


def test_a_region_that_the_answer_tells_is_the_fix() -> None:
    assert ours("AuthorizationHeaderMalformed", Region="eu-central-1").fix == "Set AWS_REGION=eu-central-1 in .env"
    assert "AWS_REGION" in ours("PermanentRedirect", 301).fix


@pytest.mark.parametrize("code", ["", "404", "NotFound"])
def test_a_bucket_that_is_not_found_without_a_word_is_no_missing_object(code: str) -> None:
    told = TABLE.ours(error(code, 404), what="Listing the bucket", permission="s3:ListBucket")
    assert "there is no bucket my-bucket at s3.example.org" in str(told)
    assert "S3_ENDPOINT_URL" in told.fix
    missing = TABLE.ours(error(code, 404), what="Reading a/b", permission="s3:GetObject", key="a/b")
    assert isinstance(missing, ObjectNotFoundError)


def test_a_storage_of_storages_toml_is_told_its_own_settings_and_not_those_of_the_other() -> None:
    wording = Wording("old", (("S3_ENDPOINT_URL", "endpoint_url of [old] in storages.toml"),))
    table = ErrorTable(S3Settings("my-bucket", "eu-west-1", endpoint_url="https://s3.example.org", wording=wording))
    told = table.ours(error("NoSuchBucket", 404), what="Looking", permission="s3:ListBucket")
    assert "S3_ENDPOINT_URL" not in told.fix
    assert told.fix.endswith(
        "endpoint_url of [old] in storages.toml, or create the bucket: python -m studybuddy setup-bucket old"
    )
    elsewhere = table.ours(error("PermanentRedirect", Region="eu-north-1"), what="Looking", permission="s3:ListBucket")
    assert elsewhere.fix == 'Set region = "eu-north-1" in storages.toml, under [old]'


def test_an_unknown_code_is_named() -> None:
    assert "(SomethingNew)" in str(ours("SomethingNew"))
