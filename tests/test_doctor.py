"""The doctor over any storage."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from studybuddy import doctor
from studybuddy.drivers.checks import Check
from studybuddy.drivers.driver import Driver
from studybuddy.settings.places import LocalSettings
from studybuddy.storage import Storage


def storage(driver: object) -> Storage:
    assert hasattr(driver, "check")
    plain: Driver = driver  # type: ignore[assignment]
    return Storage(1, "one", "one:", plain, "The storage", LocalSettings(Path("/no/such/folder")))


class Plain:
    """A driver that can only say whether it can be used."""

    def check(self) -> None:
        Path("/no/such/folder").mkdir()


def test_only_a_failure_is_an_illness() -> None:
    def check(outcome: str) -> Check:
        return Check("one", "One", outcome, 0.1)  # type: ignore[arg-type]

    assert doctor.healthy([check("passed"), check("warning"), check("unknown"), check("skipped")])
    assert not doctor.healthy([check("passed"), check("failed")])


def test_a_driver_without_checks_of_its_own_is_used_once() -> None:
    class Well:
        def check(self) -> None:
            return None

    (found,) = doctor.diagnose(storage(Well()))
    assert (found.name, found.outcome) == ("use", "passed")


def test_a_bug_in_a_check_is_not_taken_for_a_result() -> None:
    with pytest.raises(FileNotFoundError):
        list(doctor.diagnose(storage(Plain())))


def test_closing_it_early_closes_the_drivers_own_checks() -> None:
    closed = []

    class Careful:
        def check(self) -> None:
            return None

        def diagnose(self) -> Iterator[Check]:
            try:
                yield Check("one", "One", "passed", 0.1)
                yield Check("two", "Two", "passed", 0.1)
            finally:
                closed.append(True)

    checks = doctor.diagnose(storage(Careful()))
    assert next(checks).name == "one"
    checks.close()  # type: ignore[attr-defined]
    assert closed == [True]


def test_the_set_up_that_is_offered_names_the_storage() -> None:
    class Open:
        def check(self) -> None:
            return None

        def diagnose(self) -> Iterator[Check]:
            fix = "The set-up does it:\npython -m studybuddy setup-bucket --public-read"
            yield Check("one", "One", "failed", 0.1, fix=fix)

    (found,) = doctor.diagnose(storage(Open()))
    assert found.fix.splitlines()[-1] == "python -m studybuddy setup-bucket one --public-read"
