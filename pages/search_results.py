"""What was found, each with its places as links."""

import streamlit as st

from pages import links, shared
from pages.formats import KINDS, joined, plain, shortened, spaced
from pages.links import Link
from studybuddy.search.searching import Found, Hit
from studybuddy.search.snippets import Piece
from studybuddy.units import clock_text

_TITLE_WIDTH = 60
_MARKS = {"notes": "Notes", "note": "Note", "bookmark": "Bookmark"}


def show(found: Found, query: str, number: int) -> None:
    """Show one file or session with the best places in it."""
    with st.container(border=True, gap="xxsmall"):
        best = found.hits[0] if found.hits else None
        st.page_link(
            (link := _link(found, best)).page, label=_title(found.title), icon=_icon(found), query_params=link.query
        )
        st.caption(_about(found))
        if best:
            _place(found, best)
        others = found.hits[1:]
        if others:
            label = f"{found.count - 1:,} more in this {'file' if found.file else 'session'}"
            with st.expander(label, key=f"search-more-{number}"):
                for hit in others:
                    _place(found, hit)
                _all(found, query)


def _all(found: Found, query: str) -> None:
    if found.file and found.count > len(found.hits):
        st.page_link(
            shared.SEARCH, label=f"All {found.count:,} places", icon=":material/format_list_bulleted:",
            query_params={"q": query, "in_file": str(found.file.id)},
        )  # fmt: skip


def _place(found: Found, hit: Hit) -> None:
    label = _where(found, hit)
    with st.container(horizontal=True, gap="xxsmall"):
        if label:
            link = _link(found, hit)
            st.page_link(link.page, label=f":green-badge[{label}]", query_params=link.query)
        st.markdown(_marked(hit.pieces), width=500 if label else "stretch")


def _link(found: Found, hit: Hit | None) -> Link:
    if found.file is None:
        return Link(shared.SESSION, {"id": str(found.session.id)})
    return links.view(found.file.id, page=hit.page if hit else None, second=hit.second if hit else None)


def _where(found: Found, hit: Hit) -> str:
    if hit.page is not None:
        return f"Page {hit.page}" if found.file and found.file.kind == "document" else ""
    if hit.what == "transcript" and hit.at_ms is None:
        return "Transcript"
    moment = "" if hit.at_ms is None else clock_text(hit.at_ms)
    return f"{_MARKS.get(hit.what, '')} {moment}".strip()


def _icon(found: Found) -> str:
    return KINDS[found.file.kind][0] if found.file else ":material/book_2:"


def _about(found: Found) -> str:
    session, file = found.session, found.file
    if file is None:
        return joined(["Session", plain(session.subject), ", ".join(plain(tag) for tag in session.tags)])
    named = plain(file.name) if file.lecture and "".join(piece.text for piece in found.title) != file.name else ""
    return joined([f"in {plain(session.title)}", plain(session.subject), named])


def _title(pieces: tuple[Piece, ...]) -> str:
    left, kept = _TITLE_WIDTH, []
    for piece in pieces:
        text = shortened(piece.text, width=left)
        kept.append(Piece(text, piece.found))
        left -= len(text)
        if text != piece.text:
            break
    return "".join(_bold(piece) if piece.text.strip() else " " for piece in kept)


def _marked(pieces: tuple[Piece, ...]) -> str:
    """Return a text as Markdown with what was found marked, and nothing else in it in force."""
    return "".join(map(_shown, pieces))


def _shown(piece: Piece) -> str:
    return f":yellow-background[**{plain(piece.text)}**]" if piece.found else spaced(piece.text)


def _bold(piece: Piece) -> str:
    if piece.found:
        return _shown(piece)
    core = piece.text.strip()
    before, after = piece.text.split(core, 1)
    return f"{before and ' '}**{plain(core)}**{after and ' '}"
