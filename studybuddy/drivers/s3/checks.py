"""The doctor's checks of a place in S3, in the order in which one makes the next worth making."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from studybuddy.drivers.checks import Check, Found, carry_out
from studybuddy.drivers.driver import Driver
from studybuddy.drivers.s3.check_contact import Contact
from studybuddy.drivers.s3.check_objects import Probes
from studybuddy.drivers.s3.check_settings import BucketSettings
from studybuddy.drivers.s3.errors import told
from studybuddy.drivers.s3.place import Place
from studybuddy.drivers.s3.policies import policy_for_keys
from studybuddy.errors import PermissionDeniedError


def diagnose(driver: Driver, place: Place) -> Iterator[Check]:
    """Make all checks; what they write is removed, also when the iterator is closed before its end."""
    probes = Probes(driver, place)
    steps = (*Contact(place).steps(), *probes.steps(), *BucketSettings(place).steps())
    with probes.removed_at_the_end():
        yield from carry_out(replace(step, look=partial(_with_policy, step.look, place)) for step in steps)


def _with_policy(look: Callable[[], Found], place: Place) -> Found:
    """Look; where a permission is missing, let the policy that gives it be pasted."""
    try:
        return look()
    except PermissionDeniedError as error:
        cause = error.__cause__
        if not isinstance(cause, Exception) or told(cause)[0] != "AccessDenied":
            raise
        policy = json.dumps(policy_for_keys(place.settings, "daily"), indent=2)
        fix = f"{error.fix} This policy gives all that daily work needs:\n{policy}"
        raise PermissionDeniedError(str(error), key=error.key, fix=fix) from error
