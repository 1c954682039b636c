"""The set-up of a storage's bucket: what may be asked for, and what has to be confirmed."""

from collections.abc import Iterable, Iterator
from typing import Any

from studybuddy.drivers.driver import SetsUp
from studybuddy.drivers.setup_steps import BucketPlan, PolicyUse, SetupStep
from studybuddy.errors import ConflictError, InvalidInputError
from studybuddy.settings import values
from studybuddy.storage import Storage
from studybuddy.storages import Storages

CONSEQUENCE = (
    "Everyone on the internet who has a file's address can then read that file, without a sign-in and for ever, "
    "and you pay for what they download. The addresses cannot be guessed, but they can be passed on."
)


def plan(*, public_read: bool, cors_origins: Iterable[str]) -> BucketPlan:
    """Return a checked plan; raise InvalidInputError for what is no origin of a page."""
    return BucketPlan(public_read=public_read, cors_origins=tuple(dict.fromkeys(map(_origin, cors_origins))))


def set_up(storage: Storage, wanted: BucketPlan, *, dry_run: bool, confirmed: bool) -> Iterator[SetupStep]:
    """Bring a storage's bucket into the wanted state, each step when it is asked for; `dry_run` changes nothing.

    Public reading has to be `confirmed`: ConflictError tells the consequence.
    """
    driver = _settable(storage)
    if wanted.public_read and not (dry_run or confirmed):
        raise ConflictError(CONSEQUENCE, fix='Add --yes ("confirm": true), or leave public reading out.')
    return driver.set_up(wanted, dry_run=dry_run)


def chosen(storages: Storages, name: str | None) -> Storage:
    """Return the named storage; without a name the one for new files, or where that is no bucket, s3."""
    if name is None and isinstance(storages.target.driver, SetsUp):
        return storages.target
    return storages.named(name or "s3")


def policy(storage: Storage, use: PolicyUse) -> dict[str, Any]:
    """Return the policy that lets a storage's keys do what is needed, to be pasted at the provider."""
    return _settable(storage).policy(use)


def _settable(storage: Storage) -> SetsUp:
    if not isinstance(storage.driver, SetsUp):
        raise ConflictError(f"{storage.label} has no bucket to set up", fix="Name a storage in S3, e.g. s3.")
    return storage.driver


def _origin(text: str) -> str:
    try:
        return values.address(text)
    except ValueError as error:
        fix = "Origins look like https://study.example.org: a scheme, a host, and a port if there is one."
        raise InvalidInputError(f"The origin {text[:200]!r} {error}", fix=fix) from None
