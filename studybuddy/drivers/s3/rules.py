"""The rules that the set-up puts into a bucket, beside those of others: lifecycle and CORS. Nothing is asked here."""

from collections.abc import Iterable
from typing import Any

from studybuddy.drivers.s3.policies import mark_of
from studybuddy.keys import BACKUPS, FILE_FOLDERS

Rule = dict[str, Any]  # as the service takes it

UNFINISHED_DAYS = 7
# As long as the trash keeps a file: a deleted file's bytes are there for a second month, and then cost nothing.
DELETED_DAYS = 30
_CORS_SECONDS = 3600


def lifecycle_rules(prefix: str, *, keeps_versions: bool) -> list[Rule]:
    """Return the rules that drop unfinished objects and, with versioning on, end what deleted objects cost."""
    folder = f"{prefix}/" if prefix else ""
    unfinished = _rule("unfinished", prefix, folder) | {
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": UNFINISHED_DAYS}
    }
    # Without a prefix, only where our objects are: the old versions of others' objects are not ours to end.
    folders = [folder] if folder else [*FILE_FOLDERS, BACKUPS, "study-buddy-check/"]
    deleted = [
        _rule(f"deleted-{number}", prefix, folder)
        | {
            "Expiration": {"ExpiredObjectDeleteMarker": True},
            "NoncurrentVersionExpiration": {"NoncurrentDays": DELETED_DAYS},
        }
        for number, folder in enumerate(folders, 1)
    ]
    return [unfinished, *deleted] if keeps_versions else [unfinished]


def cors_rule(prefix: str, origins: Iterable[str]) -> Rule:
    """Return the rule that lets the pages of these origins read."""
    return {
        "ID": _id("read", prefix),
        "AllowedOrigins": list(origins),
        "AllowedMethods": ["GET", "HEAD"],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["Accept-Ranges", "Content-Disposition", "Content-Length", "Content-Range", "ETag"],
        "MaxAgeSeconds": _CORS_SECONDS,
    }


def merged(found: list[Rule], ours: list[Rule]) -> list[Rule]:
    """Return the rules that are there, with ours in the place of those of the same name."""
    there = [_in_todays_form(rule) for rule in found]
    if all(rule in there for rule in ours):
        return found
    names = {rule["ID"] for rule in ours}
    return [*(rule for rule in found if rule.get("ID") not in names), *ours]


def _in_todays_form(rule: Rule) -> Rule:
    """Return a rule as we write it: Ceph answers an empty filter in the form that S3 had before filters."""
    if "Prefix" not in rule or "Filter" in rule:
        return rule
    rest = {name: value for name, value in rule.items() if name != "Prefix"}
    return rest | {"Filter": {"Prefix": rule["Prefix"]}}


def _rule(name: str, prefix: str, folder: str) -> Rule:
    return {"ID": _id(name, prefix), "Filter": {"Prefix": folder}, "Status": "Enabled"}


def _id(name: str, prefix: str) -> str:
    return "-".join(part for part in ("study-buddy", name, mark_of(prefix)) if part)
