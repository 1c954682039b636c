"""When to ask a storage again: pauses that grow, within a deadline."""

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from studybuddy.errors import StorageError

T = TypeVar("T")
log = logging.getLogger(__name__)


def retrying(
    call: Callable[[], T],
    ours: Callable[[Exception], StorageError],
    *,
    clients_errors: Callable[[], tuple[type[Exception], ...]],
    seconds: float,
) -> T:
    """Call until it succeeds or fails for good; begin no attempt after `seconds`. Pauses grow, with jitter.

    `clients_errors` is what may be raised besides our own errors, and `ours` turns each into ours.
    """
    give_up = time.monotonic() + seconds
    attempt = 0
    while True:
        try:
            return call()
        except StorageError:
            raise
        except clients_errors() as error:
            failure = ours(error)
            wait = pause(attempt)
            if not failure.retryable or time.monotonic() + wait > give_up:
                raise failure from error
            log.debug("%s; again in %.1f s", failure, wait)
        time.sleep(wait)
        attempt += 1


def pause(attempt: int) -> float:
    """Return how many seconds to wait after failure number `attempt`, counted from 0."""
    return random.uniform(0.5, 1) * min(0.1 * 2.0**attempt, 2.0)  # noqa: S311
