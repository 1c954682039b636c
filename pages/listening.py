"""A recording on a page of its own: the player, and a document of its session beside it."""

import streamlit as st

from pages import links, previews, shared, transcribing
from pages.components.player import Document
from pages.formats import day, joined, plain
from pages.formats import name as file_name
from studybuddy.catalog import lectures, lists, pins
from studybuddy.catalog.lists import SessionFilesFilter
from studybuddy.catalog.records import File
from studybuddy.errors import NotFoundError
from studybuddy.names import shown_name
from studybuddy.units import duration_text

_NONE = 0  # in the address: no document beside it, although pages are pinned
_DOCUMENTS = 500


def show(file: File) -> None:
    """Show a recording with its player, as wide as the screen when a document is beside it."""
    documents = _documents(file)
    beside = _beside(file, documents)
    if beside is not None:
        st.set_page_config(layout="wide")
    _head(file)
    _choose(documents, beside)
    previews.play(file, start=shared.number_asked("t"), autoplay=links.is_to_play(file.id), beside=beside)
    transcribing.show(file)


def _head(file: File) -> None:
    lecture = shared.read(lambda db: lectures.of_file(db, file.id))
    recorded = f"recorded on {day(lecture.recorded_on)}" if lecture and lecture.recorded_on else ""
    length = duration_text(file.duration_ms) if file.duration_ms else ""
    title = plain(lecture.title) if lecture else file_name(file.name)
    shared.head(title, joined([length, recorded]), session_id=file.session_id)


def _documents(file: File) -> dict[int, File]:
    wanted = SessionFilesFilter(kind="document")
    page = shared.read(lambda db: lists.session_files_page(db, file.session_id, wanted, limit=_DOCUMENTS))
    return {document.id: document for document in page.rows}


def _beside(file: File, documents: dict[int, File]) -> Document | None:
    asked = shared.number_asked("beside", least=_NONE)
    document_id = asked if asked is not None else shared.read(lambda db: pins.document_of(db, file.id))
    if not document_id:
        return None
    document = documents.get(document_id) or _elsewhere(document_id)
    if document is None:
        return None
    documents.setdefault(document.id, document)
    return previews.in_pages(document, page=shared.number_asked("page"))


def _elsewhere(document_id: int) -> File | None:
    """Return a document of another session, as long as it is there."""
    try:
        found = shared.library().file(document_id)
    except NotFoundError:
        return None
    return found if found.kind == "document" and found.trashed_at is None else None


def _choose(documents: dict[int, File], beside: Document | None) -> None:
    if not documents:
        return
    options = [_NONE, *documents]
    st.selectbox(
        "Beside it", options, index=options.index(beside.id if beside else _NONE), key="listening_beside",
        format_func=lambda one: shown_name(documents[one].name) if one else "No document beside it",
        on_change=_chosen, label_visibility="collapsed", width=360,
    )  # fmt: skip


def _chosen() -> None:
    st.query_params["beside"] = str(st.session_state["listening_beside"])
    if "page" in st.query_params:
        del st.query_params["page"]
