"""Waiting for a storage that may take long, but not for one that has fallen silent."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from studybuddy.drivers.s3.place import Place

T = TypeVar("T")


def while_awake(place: Place, call: Callable[[], T]) -> T:
    """Wait for a call as long as the storage answers others; raise SilentError when it does not.

    A call that is given up goes on in its own thread until its connection ends.
    """
    result: Future[T] = Future()
    # A daemon: the program need not wait for it at its end.
    threading.Thread(target=_run, args=(call, result), name="s3-body", daemon=True).start()
    while True:
        try:
            return result.result(place.deadlines.pulse)
        except TimeoutError:
            if result.done():
                return result.result()
            place.feel_pulse()


def _run(call: Callable[[], T], result: Future[T]) -> None:
    try:
        result.set_result(call())
    except BaseException as error:  # noqa: BLE001 (raised again where the result is waited for)
        result.set_exception(error)
