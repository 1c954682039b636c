"""HTTP as tests ask it: with more patience than httpx's five seconds, for a computer that does much else."""

from functools import partial

import httpx

TIMEOUT_S = 60.0
get = partial(httpx.get, timeout=TIMEOUT_S)
post = partial(httpx.post, timeout=TIMEOUT_S)
delete = partial(httpx.delete, timeout=TIMEOUT_S)
