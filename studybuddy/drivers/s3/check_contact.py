"""What the first answer of an S3 service tells: of the keys, the clock, the region and the bucket."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from studybuddy.drivers.checks import Found, Step
from studybuddy.drivers.s3.errors import told, told_region
from studybuddy.drivers.s3.meanings import ABOUT_KEYS
from studybuddy.drivers.s3.place import Place
from studybuddy.errors import StorageError
from studybuddy.settings.places import Secret
from studybuddy.units import duration_text

_WARN_SKEW = timedelta(minutes=1)
_MAX_SKEW = timedelta(minutes=15)  # more, and AWS refuses every request
_CLOCK_FIX = "Set this computer's clock by the internet. On Linux:\nsudo timedatectl set-ntp true"
_SKEWED = {"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"}
_ELSEWHERE = {"PermanentRedirect", "TemporaryRedirect", "IllegalLocationConstraintException", "301", "307"}
_REFUSED = {"AccessDenied", "AllAccessDisabled", "Forbidden", "403"}
_KEYS_FROM = {
    "env": "the environment",
    "assume-role": "a role that your AWS profile takes on",
    "assume-role-with-web-identity": "a role by web identity",
    "sso": "your AWS single sign-on",
    "login": "your AWS sign-in",
    "shared-credentials-file": "the AWS credentials file",
    "config-file": "the AWS config file",
    "custom-process": "the program that your AWS profile names",
    "container-role": "the container's role",
    "iam-role": "this machine's role",
}


@dataclass(frozen=True, slots=True)
class _Answer:
    """The first answer, good or bad."""

    error: Exception | None
    code: str
    region: str | None  # of the bucket, as the service tells it
    skew: timedelta | None  # how far this computer's clock is ahead


class Contact:
    """Asks once, by listing one object, and reads all that the answer tells."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._first: _Answer | None = None

    def steps(self) -> tuple[Step, ...]:
        bucket, region = self._place.bucket, self._place.settings.region
        return (
            Step("credentials", "Keys to sign with", self._credentials),
            Step("endpoint", "Reaching the service", self._endpoint, needs=("credentials",)),
            Step("clock", "This computer's clock", self._clock, needs=("endpoint",)),
            Step("region", f"Region {region}", self._region, needs=("endpoint",)),
            Step("keys", "Signing in with the keys", self._keys, needs=("clock", "region")),
            Step("bucket", f"Bucket {bucket}", self._bucket, needs=("keys",)),
        )

    def _credentials(self) -> Found:
        found = self._place.call(self._place.clients.credentials, "Looking for keys", "a request", seconds=0)
        return Found(reason=f"{Secret(found.access_key or '')!r}, from {self._source(found.method)}")

    def _source(self, method: str) -> str:
        if method == "explicit":
            ours = self._place.settings.access_key_id
            in_environment = os.environ.get("AWS_ACCESS_KEY_ID") == ours
            return "the environment (AWS_ACCESS_KEY_ID)" if in_environment else "Study Buddy's settings"
        profile = os.environ.get("AWS_PROFILE")
        source = _KEYS_FROM.get(method, method)
        return f"{source} (profile {profile})" if profile and method != "env" else source

    def _endpoint(self) -> Found:
        self._first = self._place.call(self._ask, "Reaching the storage", "s3:ListBucket")
        return Found(reason=self._place.endpoint or "AWS")

    def _ask(self) -> _Answer:
        from botocore.exceptions import ClientError  # noqa: PLC0415

        client = self._place.clients.outspoken_client()
        try:
            answer = client.list_objects_v2(Bucket=self._place.bucket, Prefix=self._place.prefix, MaxKeys=1)
        except ClientError as error:
            if told(error)[1] >= 500:
                raise
            return _read(error.response, error)
        return _read(answer, None)

    @property
    def _answer(self) -> _Answer:
        assert self._first is not None  # noqa: S101 (the steps need the one that asks)
        return self._first

    def _clock(self) -> Found:
        skew = self._answer.skew
        if skew is None or abs(skew) <= _WARN_SKEW:
            if self._answer.code in _SKEWED:
                raise self._error("Signing requests")
            return Found() if skew is not None else Found("unknown", "The service tells no time")
        behind = "ahead" if skew > timedelta() else "behind"
        reason = f"It is {duration_text(round(abs(skew) / timedelta(milliseconds=1)))} {behind}"
        if abs(skew) <= _MAX_SKEW:
            return Found("warning", f"{reason}; beyond 15 min the service refuses everything", _CLOCK_FIX)
        return Found("failed", f"{reason}: so old or new a request is refused", _CLOCK_FIX)

    def _region(self) -> Found:
        ours, theirs = self._place.settings.region, self._answer.region
        if theirs and theirs != ours:
            fix = "Set the bucket's region {}:\n{}".format(*self._place.settings.wording.region(theirs))
            return Found("failed", f"The bucket {self._place.bucket} is in {theirs}, not in {ours}", fix)
        if self._answer.code in _ELSEWHERE or (not theirs and self._answer.code == "AuthorizationHeaderMalformed"):
            raise self._error("Reaching the bucket")
        if not theirs and self._answer.error is not None:
            return Found("unknown", "The service does not tell")
        return Found(reason="" if theirs else "The service takes requests for this region")

    def _keys(self) -> Found:
        if self._answer.code in ABOUT_KEYS:
            raise self._error("Signing in")
        return Found()

    def _bucket(self) -> Found:
        if self._answer.error is None:
            return Found()
        if self._answer.code in _REFUSED:
            return self._refused()
        raise self._error("Looking into the bucket")

    def _refused(self) -> Found:
        bucket, mine = self._place.bucket, self._own_buckets()
        if mine is not None and bucket in mine:
            raise self._error("Listing the bucket, which is yours")
        another = "choose another name in STUDY_BUDDY_BUCKET_NAME and make it with: python -m studybuddy setup-bucket"
        if mine is None:
            reason = f"The bucket {bucket} belongs to someone else, or these keys may not list it"
            grant = f"Give these keys the permission s3:ListBucket on the bucket {bucket}"
            return Found("failed", reason, f"If it is yours: {grant}. If not: {another}.")
        reason = f"The bucket {bucket} belongs to someone else: it is there, but not among yours"
        return Found("failed", reason, f"{another[0].upper()}{another[1:]}.")

    def _own_buckets(self) -> set[str] | None:
        client = self._place.clients.client(self._place.deadlines.answer)
        try:
            found = self._place.call(client.list_buckets, "Listing your buckets", "s3:ListAllMyBuckets", seconds=0)
        except StorageError:
            return None  # more than the app needs, so this is no failure
        return {bucket["Name"] for bucket in found.get("Buckets", [])}

    def _error(self, what: str) -> StorageError:
        error = self._answer.error
        assert error is not None  # noqa: S101 (a code comes with an error)
        ours = self._place.error(error, what, "s3:ListBucket")
        ours.__cause__ = error
        return ours


def _read(answer: Mapping[str, Any], error: Exception | None) -> _Answer:
    headers = answer["ResponseMetadata"].get("HTTPHeaders", {})
    region = headers.get("x-amz-bucket-region") if error is None else told_region(error)
    return _Answer(error, told(error)[0] if error else "", region, _skew(headers.get("date", "")))


def _skew(date: str) -> timedelta | None:
    try:
        return datetime.now(UTC) - parsedate_to_datetime(date)
    except (ValueError, TypeError):
        return None
