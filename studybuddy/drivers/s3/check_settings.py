"""How a bucket is set up: who may read it, and what it does with old and unfinished objects.

All of it only reads. A setting that the keys may not read, or that a service does not have, is unknown, not wrong.
"""

import json
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from functools import partial
from itertools import islice
from typing import Any

from studybuddy.drivers.checks import Found, Step
from studybuddy.drivers.s3.errors import Permission, told
from studybuddy.drivers.s3.place import Place
from studybuddy.errors import PermissionDeniedError, StorageError, UnavailableError, UnsupportedError
from studybuddy.units import count_text, size_text

CHECK_FOLDER = "study-buddy-check/"
_SET_UP = "The set-up does it:\npython -m studybuddy setup-bucket"
_MEASURED_UPLOADS = 100
_ARCHIVES = {"GLACIER", "DEEP_ARCHIVE"}  # whose objects cannot be read before they are restored
_PAB_FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
Settings = Mapping[str, Any]
Judge = Callable[[Settings | None], Found]


class BucketSettings:
    """Reads a bucket's settings one by one and judges each."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._public = place.settings.public_read
        self._tells: bool | None = None  # whether the service knows such questions at all

    def steps(self) -> tuple[Step, ...]:
        looks: tuple[tuple[str, str, str, Permission, str, Judge], ...] = (
            ("public-access", "Block Public Access",
             "get_public_access_block", "s3:GetBucketPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration",
             self._public_access),
            ("ownership", "Access lists (ACLs)",
             "get_bucket_ownership_controls", "s3:GetBucketOwnershipControls", "OwnershipControlsNotFoundError",
             self._ownership),
            ("policy", "Bucket policy",
             "get_bucket_policy", "s3:GetBucketPolicy", "NoSuchBucketPolicy", self._policy),
            ("cors", "CORS",
             "get_bucket_cors", "s3:GetBucketCORS", "NoSuchCORSConfiguration", self._cors),
            ("versioning", "Versioning",
             "get_bucket_versioning", "s3:GetBucketVersioning", "", self._versioning),
            ("encryption", "Encryption", "get_bucket_encryption", "s3:GetEncryptionConfiguration",
             "ServerSideEncryptionConfigurationNotFoundError", self._encryption),
            ("lifecycle", "Lifecycle rules", "get_bucket_lifecycle_configuration",
             "s3:GetLifecycleConfiguration", "NoSuchLifecycleConfiguration", self._lifecycle),
        )  # fmt: skip
        steps = [
            Step(name, title, partial(self._look, operation, permission, absent, judge), needs=("bucket",))
            for name, title, operation, permission, absent, judge in looks
        ]
        unfinished = Step("unfinished", "Unfinished objects", self._unfinished, needs=("bucket",))
        return (*steps, unfinished)

    def _look(self, operation: str, permission: Permission, absent: str, judge: Judge) -> Found:
        def look() -> Found:
            if not self._service_tells():
                raise UnsupportedError("The service has no such settings")
            return judge(self._read(operation, permission, absent))

        return _or_unknown(look, permission)

    def _read(self, operation: str, permission: Permission, absent: str) -> Settings | None:
        """Return a setting as boto3 gives it; None where the bucket has none."""
        from botocore.exceptions import ClientError  # noqa: PLC0415

        client = self._place.clients.client(self._place.deadlines.answer)

        def ask() -> Settings | None:
            try:
                answer: Settings = getattr(client, operation)(Bucket=self._place.bucket)
            except ClientError as error:
                if told(error)[0] == absent:
                    return None
                raise
            return answer

        return self._place.call(ask, "Reading the bucket's settings", permission)

    def _service_tells(self) -> bool:
        # rclone answers every such question with the list of the bucket's objects.
        if self._tells is None:
            try:
                found = self._read("get_bucket_policy", "s3:GetBucketPolicy", "NoSuchBucketPolicy")
            except UnavailableError:
                raise
            except StorageError:
                found = None
            self._tells = found is None or str(found.get("Policy", "")).lstrip().startswith("{")
        return self._tells

    def _public_access(self, found: Settings | None) -> Found:
        flags = _part(found, "PublicAccessBlockConfiguration") if found is not None else {}
        if self._public:
            if flags.get("BlockPublicPolicy") or flags.get("RestrictPublicBuckets"):
                reason = "PUBLIC_READ is true, but Block Public Access refuses a public policy"
                return Found("failed", reason, "The set-up opens it:\npython -m studybuddy setup-bucket --public-read")
            return Found(reason="Open for the policy that PUBLIC_READ needs")
        off = [flag for flag in _PAB_FLAGS if not flags.get(flag)]
        if off:
            return Found("warning", f"Off: {', '.join(off)}. One wrong policy would show the files to anyone", _SET_UP)
        return Found()

    def _ownership(self, found: Settings | None) -> Found:
        rules = _part(found, "OwnershipControls").get("Rules", []) if found is not None else []
        if any(rule.get("ObjectOwnership") == "BucketOwnerEnforced" for rule in rules):
            return Found()
        fix = (
            "Study Buddy sends no access lists; turn them off:\n"
            f"aws s3api put-bucket-ownership-controls --bucket {self._place.bucket}"
            " --ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'"
        )
        return Found("warning", "Access lists are on: an object can be made public by itself", fix)

    def _policy(self, found: Settings | None) -> Found:
        statements = json.loads(found["Policy"]).get("Statement", []) if found is not None else []
        statements = statements if isinstance(statements, list) else [statements]
        ours = f"{self._place.bucket}/{self._place.path('study-sessions/1/x.pdf')}"
        public = any(_opens(statement, ours) for statement in statements)
        if public == self._public:
            return Found(reason="As PUBLIC_READ says" if public else "")
        if public:
            reason = "A bucket policy lets anyone read the files, and PUBLIC_READ is false"
            return Found("failed", reason, "The set-up takes it back:\npython -m studybuddy setup-bucket")
        reason = "PUBLIC_READ is true, but no bucket policy lets anyone read"
        return Found("warning", reason, "The set-up does it:\npython -m studybuddy setup-bucket --public-read")

    def _cors(self, found: Settings | None) -> Found:
        if found is None:
            return Found(reason="No rules: browsers read through the app, which needs none")
        rules = _part(found, "CORSRules")
        writing = {"PUT", "POST", "DELETE"}
        if any("*" in rule.get("AllowedOrigins", []) and writing & set(rule["AllowedMethods"]) for rule in rules):
            fix = "Name the origins that you use:\npython -m studybuddy setup-bucket --cors-origin https://example.org"
            return Found("warning", "Pages of any site may send writes; only the keys keep them out", fix)
        origins = sorted({origin for rule in rules for origin in rule.get("AllowedOrigins", [])})
        return Found(reason=f"Allowed: {', '.join(origins)}")

    def _versioning(self, found: Settings | None) -> Found:
        status = (found or {}).get("Status")
        if status == "Enabled":
            return Found(seen={"versioning": 1})
        reason = f"It is {'suspended' if status else 'off'}: what is deleted or replaced in the bucket is gone"
        return Found("warning", reason, _SET_UP, {"versioning": 0})

    def _encryption(self, found: Settings | None) -> Found:
        if found is None:
            return Found("unknown", "The bucket names none; the service may encrypt by itself")
        rules = _part(found, "ServerSideEncryptionConfiguration").get("Rules", [])
        used = {rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm") for rule in rules} - {None}
        return Found(reason=", ".join(sorted(used)))

    def _lifecycle(self, found: Settings | None) -> Found:
        rules = _part(found, "Rules") if found is not None else []
        active = [rule for rule in rules if rule.get("Status") == "Enabled"]
        for rule in active:
            if self._touches(rule) and {"Days", "Date"} & set(rule.get("Expiration", {})):
                fix = f"Remove the rule, or leave {self._place.prefix or 'this bucket'} out of it."
                return Found("failed", f"The rule “{rule.get('ID', '')}” deletes files after a time", fix)
        for rule in active:
            if self._touches(rule) and any(t.get("StorageClass") in _ARCHIVES for t in rule.get("Transitions", [])):
                reason = f"The rule “{rule.get('ID', '')}” moves files to an archive, where they cannot be opened"
                return Found("warning", reason, "Choose GLACIER_IR or INTELLIGENT_TIERING instead.")
        if not any("AbortIncompleteMultipartUpload" in rule and self._covers(rule) for rule in active):
            reason = "No rule removes the parts of objects that were never finished; they cost, unseen"
            return Found("warning", reason, _SET_UP)
        return Found()

    def _touches(self, rule: Settings) -> bool:
        prefix = _rule_prefix(rule)
        if prefix is None or prefix.startswith(self._place.path(CHECK_FOLDER)):
            return False
        return prefix.startswith(self._place.prefix) or self._place.prefix.startswith(prefix)

    def _covers(self, rule: Settings) -> bool:
        prefix = _rule_prefix(rule)
        return prefix is not None and self._place.prefix.startswith(prefix)

    def _unfinished(self) -> Found:
        return _or_unknown(self._count_unfinished, "s3:ListBucketMultipartUploads")

    def _count_unfinished(self) -> Found:
        uploads = self._place.call(
            self._list_unfinished, "Looking for unfinished objects", "s3:ListBucketMultipartUploads"
        )
        if not uploads:
            return Found(seen={"unfinished_objects": 0, "unfinished_bytes": 0})
        size = sum(self._sent(upload) for upload in uploads[:_MEASURED_UPLOADS])
        least = "at least " if len(uploads) > _MEASURED_UPLOADS else ""
        count = count_text(len(uploads), "unfinished object")
        oldest = min(upload["Initiated"] for upload in uploads)
        reason = f"{count} with {least}{size_text(size)}, the oldest of {oldest:%Y-%m-%d %H:%M} UTC"
        fix = "If nothing is being added right now: the set-up lets the bucket remove them after a few days:\n"
        seen = {"unfinished_objects": len(uploads), "unfinished_bytes": size}
        return Found("warning", reason, f"{fix}python -m studybuddy setup-bucket", seen)

    def _list_unfinished(self) -> list[Any]:
        client = self._place.clients.client(self._place.deadlines.answer)
        pages = client.get_paginator("list_multipart_uploads").paginate(
            Bucket=self._place.bucket, Prefix=self._place.prefix
        )
        try:
            return [upload for page in islice(pages, 10) for upload in page.get("Uploads", [])]
        except client.exceptions.NoSuchUpload:  # rclone's way to say: none
            return []

    def _sent(self, upload: Settings) -> int:
        client = self._place.clients.client(self._place.deadlines.answer)
        ask = partial(
            client.list_parts, Bucket=self._place.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
        )  # fmt: skip
        parts = self._place.call(ask, "Measuring unfinished objects", "s3:ListBucketMultipartUploads")
        return sum(part["Size"] for part in parts.get("Parts", []))


def _or_unknown(look: Callable[[], Found], permission: Permission) -> Found:
    """Look; what cannot be read is unknown. A storage that is gone meanwhile is still told."""
    try:
        return look()
    except UnavailableError:
        raise
    except PermissionDeniedError:
        return Found("unknown", f"These keys may not read it ({permission}); Study Buddy works without")
    except (StorageError, ValueError):
        return Found("unknown", "The service does not tell")


def _part(found: Settings, name: str) -> Any:
    if not found.get(name):
        raise UnsupportedError(f"The service gives no {name}")
    return found[name]


def _opens(statement: Settings, resource: str) -> bool:
    """Tell whether a policy's statement lets anyone read an object."""
    anyone = statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
    if statement.get("Effect") != "Allow" or not anyone or "Condition" in statement:
        return False
    reads = any(fnmatchcase("s3:GetObject", action) for action in _listed(statement.get("Action")))
    # Without "arn:aws:s3:::", which is another in China.
    patterns = [pattern.rpartition(":::")[2] for pattern in _listed(statement.get("Resource"))]
    return reads and any(fnmatchcase(resource, pattern) for pattern in patterns)


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def _rule_prefix(rule: Settings) -> str | None:
    """Return the prefix that a lifecycle rule is for; None for one that asks for tags: ours have none."""
    chosen = rule.get("Filter", {})
    both = chosen.get("And", {})
    if "Tag" in chosen or "Tags" in both:
        return None
    return str(rule.get("Prefix") or chosen.get("Prefix") or both.get("Prefix") or "")
