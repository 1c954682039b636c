"""A storage whose keys stand in variables that are not set: it is known, and whatever it is asked, it says so."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, NoReturn

from studybuddy.drivers.driver import Driver, ObjectInfo, Written
from studybuddy.drivers.setup_steps import BucketPlan, PolicyUse, SetupStep
from studybuddy.errors import UnavailableError
from studybuddy.streams import Readable


class KeylessDriver:
    """Raises UnavailableError, which names the variables and what to do, from everything."""

    def __init__(self, variables: Sequence[str]) -> None:
        self._variables = " and ".join(dict.fromkeys(variables))
        self._are = "is" if len(set(variables)) == 1 else "are"

    def check(self) -> None:
        self._refuse()

    def write(self, key: str, source: Readable, *, size: int, content_type: str) -> Written:
        self._refuse()

    def read(self, key: str, *, start: int = 0, stop: int | None = None) -> AbstractContextManager[Readable]:
        self._refuse()

    def stat(self, key: str) -> ObjectInfo:
        self._refuse()

    def delete(self, key: str) -> None:
        self._refuse()

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        self._refuse()

    def url(self, key: str, *, expires: timedelta, disposition: str, content_type: str) -> str | None:
        self._refuse()

    def copy_from(self, source: Driver, source_key: str, key: str, *, size: int) -> Written:
        self._refuse()

    def check_key(self, key: str) -> str:
        """Take any key: which it could be asked for makes no difference."""
        return key

    def set_up(self, wanted: BucketPlan, *, dry_run: bool) -> Iterator[SetupStep]:
        self._refuse()

    def policy(self, use: PolicyUse) -> dict[str, Any]:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise UnavailableError(
            f"{self._variables} {self._are} not set, and storages.toml says that its keys stand there",
            fix=f"Set {self._variables} in the environment or in .env, and start Study Buddy again.",
        )
