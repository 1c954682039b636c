"""One file, opened at a page or a second, if asked with a document beside it."""

import streamlit as st

from pages import links, listening, previews, shared
from pages.components.reader import reader
from pages.formats import name, plain
from studybuddy.catalog.records import File
from studybuddy.units import size_text

# What is shown in one piece: it has no pages.
_WHOLE = {"text/plain", "text/markdown", "text/csv", "application/json", "application/x-subrip"}


def _document(file: File) -> None:
    shared.head(name(file.name), size_text(file.size), session_id=file.session_id)
    st.link_button("Download", shared.content_url(file.id, download=True), icon=":material/download:")
    if not _is_in_pages(file):
        previews.show(file)
        return
    _tell(file)
    reader(previews.in_pages(file, page=shared.number_asked("page")))


def _is_in_pages(file: File) -> bool:
    content_type = file.content_type.partition(";")[0]
    return file.kind == "document" and content_type not in _WHOLE


def _tell(file: File) -> None:
    """Say why a document may still have no text."""
    job = shared.wiring().processing.job(file.id)
    if job.state in {"pending", "processing"}:
        st.caption("Its text is still being read.")
    elif job.reason:
        st.warning(f"Its text could not be read: {plain(job.reason)}.", icon=":material/warning:")
    for remark in job.remarks:
        st.caption(plain(remark))
    if "thumbnail" in job.made and not previews.has_pictures(file):
        st.image(shared.thumbnail_url(file.id), width=240, alt="Its first page")


def _view() -> None:
    file = shared.asked("file", shared.library().file, page=links.VIEW, noun="file")
    if file is None:
        return
    if file.trashed_at is not None:
        st.title(name(file.name), anchor=False)
        st.warning("This file is in the trash.", icon=":material/delete:")
        st.page_link(shared.TRASH, label="Trash", icon=":material/delete:")
    elif file.kind == "audio":
        listening.show(file)
    else:
        _document(file)


_view()
