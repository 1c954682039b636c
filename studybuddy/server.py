"""What a server process has open, once, for its routes, pages and background work."""

import threading

from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all

_lock = threading.Lock()
_wiring: Wiring | None = None


def wiring() -> Wiring:
    """Return what is open, opened from the settings at the first call."""
    global _wiring  # noqa: PLW0603  one for the process, whoever asks first
    with _lock:
        if _wiring is None:
            _wiring = open_all(load_settings())
        return _wiring


def close() -> None:
    """End the background work and let go of everything; the next `wiring` opens anew."""
    global _wiring  # noqa: PLW0603
    with _lock:
        if _wiring is not None:
            _wiring.close()
            _wiring = None
