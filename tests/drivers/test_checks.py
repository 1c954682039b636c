"""How checks are carried out: in order, timed, each failure with its reason; nothing pointless."""

import time

from studybuddy.drivers.checks import Check, Found, Step, carry_out
from studybuddy.errors import NoSpaceError, StorageError, UnavailableError


def well() -> Found:
    return Found()


def broken() -> Found:
    raise StorageError("It is broken", fix="Mend it.")


def test_an_error_of_a_check_is_its_result_with_reason_and_fix() -> None:
    (check,) = carry_out([Step("one", "One is well", broken)])
    assert (check.outcome, check.reason, check.fix) == ("failed", "It is broken", "Mend it.")


def test_a_full_disk_is_a_result_as_well() -> None:
    def full() -> Found:
        raise NoSpaceError("This computer's disk is full")

    assert next(carry_out([Step("one", "One", full)])).outcome == "failed"


def test_what_a_failed_check_makes_pointless_is_skipped_and_names_the_first_cause() -> None:
    steps = [
        Step("one", "One is well", broken),
        Step("two", "Two", well, needs=("one",)),
        Step("three", "Three", well, needs=("two",)),
        Step("four", "Four", well),
    ]
    checks = list(carry_out(steps))
    assert [check.outcome for check in checks] == ["failed", "skipped", "skipped", "passed"]
    assert checks[2].reason == "Waits for: One is well"


def test_a_storage_that_does_not_answer_is_not_asked_again() -> None:
    def gone() -> Found:
        raise UnavailableError("It does not answer")

    checks = list(carry_out([Step("one", "One", gone), Step("two", "Two", well)]))
    assert [check.outcome for check in checks] == ["failed", "skipped"]


def test_a_check_that_is_only_doubtful_stops_no_other() -> None:
    steps = [Step("one", "One", lambda: Found("unknown")), Step("two", "Two", well, needs=("one",))]
    assert [check.outcome for check in carry_out(steps)] == ["unknown", "passed"]


def test_each_check_is_made_when_it_is_asked_for_and_timed() -> None:
    made: list[str] = []

    def slow() -> Found:
        made.append("slow")
        time.sleep(0.02)
        return Found(reason="slow")

    checks = carry_out([Step("slow", "Slow", slow), Step("never", "Never", broken)])
    assert made == []
    first = next(checks)
    assert isinstance(first, Check)
    assert (made, first.reason) == (["slow"], "slow")
    assert 0.02 <= first.seconds < 5
