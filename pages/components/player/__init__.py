"""The player: a recording with its waveform, transcript, notes and bookmarks, and a document beside it."""

from dataclasses import asdict, dataclass

import streamlit as st

from pages.components import stub, versioned

_MODULE = versioned("player/player.js")
_COMPONENT = st.components.v2.component("study_buddy_player", js=stub("player"))


@dataclass(frozen=True, slots=True)
class Document:
    """A document that is shown page by page, alone or beside a recording."""

    id: int
    name: str
    has_pictures: bool  # its pages can be shown as they look; else as text
    page: int | None = None  # where it is opened; None: at its first, or where the recording is


def player(  # noqa: PLR0913
    file_id: int,
    *,
    title: str,
    session: str,
    content_type: str,
    duration_ms: int | None,
    has_times: bool | None,
    link: str,
    start: int | None = None,
    autoplay: bool = False,
    beside: Document | None = None,
) -> None:
    """Play a recording, from a second or from where the person stopped; `link` is the page that opens it.

    `has_times` tells of its transcript; None: there is none.
    """
    data = {
        "module": _MODULE,
        "base": "/api/v1",
        "file": file_id,
        "title": title,
        "session": session,
        "content_type": content_type,
        "duration_ms": duration_ms,
        "has_times": has_times,
        "link": link,
        "start": start,
        "autoplay": autoplay,
        "document": None if beside is None else asdict(beside),
    }
    _COMPONENT(key=f"player-{file_id}", data=data)
