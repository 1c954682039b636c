"""The uploader: files, folders and recordings from the browser, by resumable uploads to /api/v1/uploads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

import streamlit as st

from pages.components import stub, versioned

_MODULE = versioned("uploader/uploader.js")
_COMPONENT = st.components.v2.component("study_buddy_uploader", js=stub("uploader"))
_UPLOAD_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class UploaderEvent:
    """What the browser says was saved: a nudge to look, not the truth."""

    upload_ids: tuple[str, ...]
    session_id: int | None  # made for a new title
    folder_ids: tuple[int, ...] = ()  # sessions that folders became


def uploader(  # noqa: PLR0913 (one keyword a choice of the page)
    *,
    key: str,
    session_id: int | None,
    new_session_title: str | None = None,
    lecture_id: int | None = None,
    max_bytes: int,
    folders: Literal["session", "tag"] = "session",
    record: bool = True,
) -> UploaderEvent | None:
    """Show the uploader for one session (or a title, of which the first file makes one); return its news, once."""
    data = {
        "module": _MODULE,
        "session": session_id,
        "title": (new_session_title or "").strip() or None,
        "lecture": lecture_id,
        "max_bytes": max_bytes,
        "folders": folders,
        "record": record,
    }
    return _event(_COMPONENT(key=key, data=data, on_saved_change=_nothing).get("saved"))


def _nothing() -> None:
    """Declare the trigger; the page reads its value from the return."""


def _event(told: Any) -> UploaderEvent | None:
    """Take from the browser's message what has the right form; anything else is no news."""
    if not isinstance(told, Mapping):
        return None
    uploads, session, folders = told.get("uploads"), told.get("session"), told.get("folders")
    ids = tuple(upload for upload in uploads if _is_upload_id(upload)) if isinstance(uploads, list) else ()
    session_id = session if _is_id(session) else None
    folder_ids = tuple(folder for folder in folders if _is_id(folder)) if isinstance(folders, list) else ()
    return UploaderEvent(ids, session_id, folder_ids) if ids or session_id is not None else None


def _is_id(row_id: Any) -> TypeGuard[int]:
    return isinstance(row_id, int) and not isinstance(row_id, bool)


def _is_upload_id(upload: Any) -> bool:
    return isinstance(upload, str) and _UPLOAD_ID.fullmatch(upload) is not None
