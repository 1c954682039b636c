"""The doctor's checks of a place in S3, in the order in which one makes the next worth making."""

from collections.abc import Iterator

from studybuddy.checks import Check, carry_out
from studybuddy.drivers.driver import Driver
from studybuddy.drivers.s3_check_contact import Contact
from studybuddy.drivers.s3_check_objects import Probes
from studybuddy.drivers.s3_check_settings import BucketSettings
from studybuddy.drivers.s3_place import Place


def diagnose(driver: Driver, place: Place) -> Iterator[Check]:
    """Make all checks; what they write is removed, also when the iterator is closed before its end."""
    probes = Probes(driver, place)
    with probes.removed_at_the_end():
        yield from carry_out((*Contact(place).steps(), *probes.steps(), *BucketSettings(place).steps()))
