"""Files, SQLite and storages are slow: they are asked in worker threads, never in the event loop."""

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

import anyio
from anyio.lowlevel import RunVar

P = ParamSpec("P")
T = TypeVar("T")

_THREADS = 40  # ours alone: Streamlit's own work never waits for a slow bucket
_limiter: RunVar[anyio.CapacityLimiter] = RunVar("studybuddy_api_threads")


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work` in a worker thread and wait for it, also when the request is cancelled meanwhile."""
    try:
        limiter = _limiter.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(_THREADS)
        _limiter.set(limiter)
    return await anyio.to_thread.run_sync(partial(work, *args, **kwargs), limiter=limiter)
