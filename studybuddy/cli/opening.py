"""Opening the library for one command."""

from collections.abc import Iterator
from contextlib import contextmanager

from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all


@contextmanager
def opened(*, settle: bool = True) -> Iterator[Wiring]:
    """Open the library, settle what a dead process left half done on this computer, and close at the end.

    `settle=False` leaves it for those who want to see it.
    """
    wiring = open_all(load_settings())
    try:
        if settle:
            wiring.recovery.run_here()
        yield wiring
    finally:
        wiring.close()
