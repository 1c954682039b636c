"""The way in for a session's zip: the browser sends it to /api/v1/import/session, and says what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.components import stub, versioned

_MODULE = versioned("session_zip/session_zip.js")
_COMPONENT = st.components.v2.component("study_buddy_session_zip", js=stub("way in for a zip"))


@dataclass(frozen=True, slots=True)
class Taken:
    """What the browser says came of a zip: a nudge to look, not the truth."""

    session_id: int
    failed: tuple[str, ...]  # the names of files that did not come


def session_zip(*, key: str, max_bytes: int) -> Taken | None:
    """Show a button that takes a zip; return what came of it, once."""
    data = {"module": _MODULE, "address": "/api/v1/import/session", "max_bytes": max_bytes}
    return _taken(_COMPONENT(key=key, data=data, on_taken_change=_nothing).get("taken"))


def _nothing() -> None:
    """Declare the trigger; the page reads its value from the return."""


def _taken(told: Any) -> Taken | None:
    """Take from the browser's message what has the right form; anything else is no news."""
    if not isinstance(told, Mapping):
        return None
    session_id, failed = told.get("session"), told.get("failed")
    if not isinstance(session_id, int) or not isinstance(failed, list):
        return None
    return Taken(session_id, tuple(name for name in failed if isinstance(name, str)))
