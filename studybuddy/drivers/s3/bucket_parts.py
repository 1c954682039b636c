"""The settings of a bucket that the set-up takes care of: how each is read, how it should be, how it is written."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from studybuddy.drivers.s3.errors import Permission, told
from studybuddy.drivers.s3.place import Place
from studybuddy.drivers.s3.policies import Policy, with_public_read, without_public_read
from studybuddy.drivers.s3.rules import DELETED_DAYS, UNFINISHED_DAYS, cors_rule, lifecycle_rules, merged
from studybuddy.drivers.setup_steps import BucketPlan
from studybuddy.errors import PermissionDeniedError, StorageError, UnavailableError, UnsupportedError
from studybuddy.settings.providers import is_aws

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")
Json = dict[str, Any]

_ALWAYS_BLOCKED = ("BlockPublicAcls", "IgnorePublicAcls")
_BLOCKED_UNLESS_PUBLIC = ("BlockPublicPolicy", "RestrictPublicBuckets")
# rclone takes every change of a setting for a bucket that is to be made.
_NOT_KNOWN = {"NotImplemented", "MethodNotAllowed", "NotSupported", "UnsupportedOperation", "BucketAlreadyExists"}
_POLICY_PATIENCE_S = (0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """One setting. `wanted` is given what is there, and returns the same when nothing is to be changed."""

    name: str
    title: str
    read: Callable[[], T]
    wanted: Callable[[T], T]
    write: Callable[[T], None]
    note: str = ""  # what follows from it
    asked: bool = False  # for by name, so that a service that cannot do it fails


class Parts:
    """A bucket's settings, in the order in which they are to be written."""

    def __init__(self, place: Place, check: Callable[[], None], plan: BucketPlan) -> None:
        self._place = place
        self._check = check
        self._is_aws = is_aws(place.endpoint)
        self._plan = plan
        self._opened = False  # whether Block Public Access has just been relaxed
        self.keeps_versions = True  # to be set when versioning is settled

    def __iter__(self) -> Iterator[Part[Any]]:
        yield self._ownership()
        # A public policy can only be put while it is not blocked.
        yield from (
            (self._public_access(), self._policy())
            if self._plan.public_read
            else (self._policy(), self._public_access())
        )
        yield self._versioning()
        yield self._lifecycle()
        if self._plan.cors_origins:
            yield self._cors()

    def _ownership(self) -> Part[str]:
        def read() -> str:
            found = self._read(
                lambda: self._client.get_bucket_ownership_controls(Bucket=self._place.bucket),
                "s3:GetBucketOwnershipControls", absent="OwnershipControlsNotFoundError",
            )  # fmt: skip
            if found is None:
                return ""
            return str(self._known(found["OwnershipControls"].get("Rules"))[0]["ObjectOwnership"])

        def write(wanted: str) -> None:
            rules: Any = {"Rules": [{"ObjectOwnership": wanted}]}
            self._write(
                lambda: self._client.put_bucket_ownership_controls(Bucket=self._place.bucket, OwnershipControls=rules),
                "s3:PutBucketOwnershipControls",
            )

        # Another choice was made by someone who may need access lists for other objects; ours never have any.
        return Part("ownership", "Access lists (ACLs) off", read, lambda found: found or "BucketOwnerEnforced", write)

    def _public_access(self) -> Part[Json]:
        public = self._plan.public_read
        blocked = dict.fromkeys(_ALWAYS_BLOCKED, True) | dict.fromkeys(_BLOCKED_UNLESS_PUBLIC, not public)

        def read() -> Json:
            found = self._read(
                lambda: self._client.get_public_access_block(Bucket=self._place.bucket),
                "s3:GetBucketPublicAccessBlock", absent="NoSuchPublicAccessBlockConfiguration",
            )  # fmt: skip
            return {} if found is None else dict(self._known(found["PublicAccessBlockConfiguration"]))

        def wanted(found: Json) -> Json:
            ignored_alone = found.get("IgnorePublicAcls") and not found.get("BlockPublicAcls")
            return blocked | ({"BlockPublicAcls": False} if ignored_alone and not self._is_aws else {})

        def write(wanted: Json) -> None:
            self._block(wanted)
            self._opened = public
            if self._is_aws or self._takes_writes():
                return
            # Ceph 16 refuses every write while it blocks public access lists; ignoring them does the same.
            self._block(wanted | {"BlockPublicAcls": False})
            if not self._takes_writes():
                self._block(wanted)

        title = "Public policies allowed" if public else "Public access blocked"
        return Part("public-access", title, read, wanted, write)

    def _block(self, wanted: Json) -> None:
        block: Any = wanted
        self._write(
            lambda: self._client.put_public_access_block(
                Bucket=self._place.bucket, PublicAccessBlockConfiguration=block
            ),
            "s3:PutBucketPublicAccessBlock",
        )

    def _takes_writes(self) -> bool:
        try:
            self._check()
        except PermissionDeniedError:
            return False
        return True

    def _policy(self) -> Part[Policy | None]:
        public, settings = self._plan.public_read, self._place.settings

        def read() -> Policy | None:
            found = self._read(
                lambda: self._client.get_bucket_policy(Bucket=self._place.bucket),
                "s3:GetBucketPolicy", absent="NoSuchBucketPolicy",
            )  # fmt: skip
            try:
                return json.loads(found["Policy"]) if found else None
            except ValueError:
                raise UnsupportedError("The service answers with something else than a policy") from None

        def wanted(found: Policy | None) -> Policy | None:
            return with_public_read(found, settings) if public else without_public_read(found, settings)

        if public:
            note = "Everyone who has a file's address can read it. Set PUBLIC_READ=true to have such addresses shown"
            return Part("policy", "Our files readable by everyone", read, wanted, self._put_policy, note, asked=True)
        note = "Set PUBLIC_READ=false: plain addresses no longer work" if settings.public_read else ""
        return Part("policy", "Our files not readable by everyone", read, wanted, self._put_policy, note)

    def _put_policy(self, wanted: Policy | None) -> None:
        bucket = self._place.bucket
        if wanted is None:
            self._write(lambda: self._client.delete_bucket_policy(Bucket=bucket), "s3:DeleteBucketPolicy")
            return
        text = json.dumps(wanted)
        for pause in _POLICY_PATIENCE_S if self._opened else ():
            try:
                self._write(lambda: self._client.put_bucket_policy(Bucket=bucket, Policy=text), "s3:PutBucketPolicy")
            except PermissionDeniedError:
                time.sleep(pause)  # AWS takes a moment to notice that it is no longer blocked
            else:
                return
        self._write(lambda: self._client.put_bucket_policy(Bucket=bucket, Policy=text), "s3:PutBucketPolicy")

    def _versioning(self) -> Part[str]:
        def read() -> str:
            found = self._read(
                lambda: self._client.get_bucket_versioning(Bucket=self._place.bucket), "s3:GetBucketVersioning"
            )
            return str(found.get("Status", "")) if found else ""

        def write(_: str) -> None:
            self._write(
                lambda: self._client.put_bucket_versioning(
                    Bucket=self._place.bucket, VersioningConfiguration={"Status": "Enabled"}
                ),
                "s3:PutBucketVersioning",
            )

        note = f"What is deleted can be brought back for {DELETED_DAYS} days, and is paid for as long"
        return Part("versioning", "Versioning on", read, lambda _: "Enabled", write, note)

    def _lifecycle(self) -> Part[Json]:
        def read() -> Json:
            found = self._read(
                lambda: self._client.get_bucket_lifecycle_configuration(Bucket=self._place.bucket),
                "s3:GetLifecycleConfiguration", absent="NoSuchLifecycleConfiguration",
            )  # fmt: skip
            kept = ("Rules", "TransitionDefaultMinimumObjectSize")
            return {name: value for name, value in (found or {}).items() if name in kept}

        def write(wanted: Json) -> None:
            options = {name: value for name, value in wanted.items() if name != "Rules"}
            rules: Any = {"Rules": wanted["Rules"]}
            self._write(
                lambda: self._client.put_bucket_lifecycle_configuration(
                    Bucket=self._place.bucket, LifecycleConfiguration=rules, **options
                ),
                "s3:PutLifecycleConfiguration",
            )

        def wanted(found: Json) -> Json:
            rules = lifecycle_rules(self._place.settings.prefix, keeps_versions=self.keeps_versions)
            return {**found, "Rules": merged(found.get("Rules", []), rules)}

        title = f"Unfinished objects dropped after {UNFINISHED_DAYS} days"
        return Part("lifecycle", title, read, wanted, write)

    def _cors(self) -> Part[list[Json]]:
        rule = cors_rule(self._place.settings.prefix, self._plan.cors_origins)

        def read() -> list[Json]:
            found = self._read(
                lambda: self._client.get_bucket_cors(Bucket=self._place.bucket),
                "s3:GetBucketCORS", absent="NoSuchCORSConfiguration",
            )  # fmt: skip
            return [dict(one) for one in (found or {}).get("CORSRules", [])]

        def write(wanted: list[Json]) -> None:
            rules: Any = {"CORSRules": wanted}
            self._write(
                lambda: self._client.put_bucket_cors(Bucket=self._place.bucket, CORSConfiguration=rules),
                "s3:PutBucketCORS",
            )

        title = f"Pages of {', '.join(self._plan.cors_origins)} may read (CORS)"
        return Part("cors", title, read, lambda found: merged(found, [rule]), write, asked=True)

    @property
    def _client(self) -> "S3Client":
        return self._place.clients.client(self._place.deadlines.answer)

    def _read(self, ask: Callable[[], Any], permission: Permission, *, absent: str = "") -> Any:
        """Return what is set, None when nothing is. Raises UnsupportedError where the service knows no such setting."""
        try:
            return self._ask(ask, "Reading the bucket's settings", permission, absent=absent)
        except (UnavailableError, PermissionDeniedError):
            raise
        except StorageError as error:
            # Each of them refuses in its own way what it does not know.
            if self._is_aws:
                raise
            raise UnsupportedError(str(error)) from error

    def _write(self, ask: Callable[[], Any], permission: Permission) -> None:
        self._ask(ask, "Setting the bucket up", permission)

    def _ask(self, ask: Callable[[], Any], what: str, permission: Permission, *, absent: str = "") -> Any:
        from botocore.exceptions import ClientError  # noqa: PLC0415

        def asked() -> Any:
            try:
                return ask()
            except ClientError as error:
                code = told(error)[0]
                if absent and code == absent:
                    return None
                if code in _NOT_KNOWN:
                    raise UnsupportedError("The service has no such setting") from error
                raise

        return self._place.call(asked, what, permission)

    def _known(self, found: Any) -> Any:
        """Return an answer, if it is one to this question."""
        if not found:
            raise UnsupportedError("The service has no such setting")
        return found
