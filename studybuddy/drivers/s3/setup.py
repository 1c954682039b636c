"""The set-up of a bucket, step by step. Each step reads what is there and writes only what differs."""

from collections.abc import Callable, Iterator
from typing import Any

from studybuddy.drivers.s3.bucket import create_bucket
from studybuddy.drivers.s3.bucket_parts import Part, Parts
from studybuddy.drivers.s3.errors import told
from studybuddy.drivers.s3.place import Place
from studybuddy.drivers.setup_steps import BucketPlan, SetupStep, StepOutcome
from studybuddy.errors import PermissionDeniedError, StorageError, UnsupportedError

_WHOLE_POLICY = "All that the set-up needs: python -m studybuddy setup-bucket --policy set-up"


def set_up(place: Place, check: Callable[[], None], plan: BucketPlan, *, dry_run: bool) -> Iterator[SetupStep]:
    """Bring a bucket into the wanted state, made when it is missing; with `dry_run` only say what would be done."""
    setup = _Setup(place, check, plan, dry_run=dry_run)
    for step in (setup.credentials, setup.bucket):
        done = step()
        yield done
        if done.outcome == "failed":
            return
    yield from setup.parts()
    yield setup.access()


class _Setup:
    """One run. The steps are taken in the order in which they stand here."""

    def __init__(self, place: Place, check: Callable[[], None], plan: BucketPlan, *, dry_run: bool) -> None:
        self._place = place
        self._check = check
        self._plan = plan
        self._dry_run = dry_run
        self._there = True  # whether the bucket was there before
        self._denied: StorageError | None = None  # why the bucket cannot be looked into

    def credentials(self) -> SetupStep:
        title = "Service reached with these keys"
        try:
            self._there = self._look()
        except StorageError as error:
            return _failed("credentials", title, error)
        return SetupStep("credentials", title, "already")

    def bucket(self) -> SetupStep:
        name, settings = self._place.bucket, self._place.settings
        title = f"Bucket {name} in {settings.region}"
        try:
            if self._denied:
                raise self._not_ours(self._denied)
            if self._there:
                return SetupStep("bucket", title, "already")
            if self._dry_run:
                return SetupStep("bucket", title, "would")
            made = create_bucket(self._place)
        except StorageError as error:
            return _failed("bucket", title, error)
        return SetupStep("bucket", title, "done" if made else "already")

    def parts(self) -> Iterator[SetupStep]:
        parts = Parts(self._place, self._check, self._plan)
        for part in parts:
            if self._dry_run and not self._there:
                step = SetupStep(part.name, part.title, "would", part.note)
            else:
                step = _bring(part, dry_run=self._dry_run)
            if part.name == "versioning":
                parts.keeps_versions = step.outcome not in {"failed", "unsupported"}
            yield step

    def access(self) -> SetupStep:
        title = "Objects can be written, read, listed and deleted"
        if self._dry_run:
            return SetupStep("access", title, "would")
        try:
            self._check()
        except StorageError as error:
            return _failed("access", title, error)
        return SetupStep("access", title, "already")

    def _look(self) -> bool:
        """Tell whether the bucket is there. Raises when the keys or the region are refused as such."""
        from botocore.exceptions import ClientError  # noqa: PLC0415

        place = self._place
        client = place.clients.outspoken_client()  # a bucket in another region is told, not found there

        def look() -> bool:
            try:
                client.list_objects_v2(Bucket=place.bucket, Prefix=place.prefix, MaxKeys=1)
            except ClientError as error:
                code, status = told(error)
                if code == "NoSuchBucket" or (status == 404 and not code):
                    return False
                if code in {"AccessDenied", "AllAccessDisabled"}:
                    self._denied = place.error(error, f"Looking into the bucket {place.bucket}", "s3:ListBucket")
                    return True
                raise
            return True

        return place.call(look, "Reaching the service", "s3:ListBucket")

    def _not_ours(self, denied: StorageError) -> StorageError:
        reason = f"The bucket {self._place.bucket} belongs to someone else, or these keys may not list it"
        fix = f"If it is yours: {denied.fix} If not: choose another name in STUDY_BUDDY_BUCKET_NAME."
        return PermissionDeniedError(reason, fix=self._place.settings.wording.of(fix))


def _bring(part: Part[Any], *, dry_run: bool) -> SetupStep:
    outcome: StepOutcome
    try:
        found = part.read()
        wanted = part.wanted(found)
        if found == wanted:
            return SetupStep(part.name, part.title, "already")
        if not dry_run:
            part.write(wanted)
        outcome = "would" if dry_run else "done"
    except UnsupportedError as error:
        if part.asked:
            return SetupStep(part.name, part.title, "failed", str(error), "Leave it out, or set it at the provider.")
        return SetupStep(part.name, part.title, "unsupported", str(error))
    except StorageError as error:
        return _failed(part.name, part.title, error)
    return SetupStep(part.name, part.title, outcome, part.note)


def _failed(name: str, title: str, error: StorageError) -> SetupStep:
    fix = error.fix
    if isinstance(error, PermissionDeniedError):
        fix = f"{fix} {_WHOLE_POLICY}".strip()
    return SetupStep(name, title, "failed", str(error), fix)
