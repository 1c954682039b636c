"""Looking at a file without downloading it, as far as a browser can."""

import csv
import io
from itertools import islice

import streamlit as st

from pages import links, shared
from pages.components.pdf import pdf
from pages.components.player import Document, player
from pages.formats import without_pictures
from studybuddy import kinds
from studybuddy.catalog import lectures, plain_transcripts
from studybuddy.catalog.records import File
from studybuddy.names import shown_name
from studybuddy.processing.decoding import decoded
from studybuddy.streams import chunks
from studybuddy.units import KIB

_TEXT_BYTES = 256 * KIB
_TABLE_ROWS = 500
_DRAWING = "image/svg+xml"  # as an image, a browser runs none of its scripts
_TEXTS = {"application/x-subrip", "application/x-ipynb+json", "application/json"}


def show(file: File) -> None:
    """Show a file, or say that it must be downloaded."""
    content_type = file.content_type.partition(";")[0]
    if not file.size:
        st.caption("The file is empty.")
    elif file.kind == "audio":
        play(file)
    elif content_type == "application/pdf":
        _pdf(file)
    elif file.kind == "image" and (kinds.inline_safe(content_type) or content_type == _DRAWING):
        st.image(shared.content_url(file.id), width="content", alt=f"The image {file.name}")
    elif content_type == "text/markdown":
        st.markdown(without_pictures(_text(file)))
    elif content_type == "text/csv":
        _table(file)
    elif content_type.startswith("text/") or content_type in _TEXTS:
        st.code(_text(file), language=None, wrap_lines=True)
    else:
        st.caption("A browser cannot show files of this kind. Download it to open it in its own program.")
        if file.kind == "document":
            link = links.view(file.id)
            st.page_link(link.page, label="Read its text", icon=":material/article:", query_params=link.query)
        elif file.kind == "image" and "thumbnail" in shared.wiring().processing.job(file.id).made:
            st.image(shared.thumbnail_url(file.id), alt=f"The image {file.name}, small")


def play(file: File, *, start: int | None = None, autoplay: bool = False, beside: Document | None = None) -> None:
    """Show the player, from a second on or from where the person stopped."""
    lecture = shared.read(lambda db: lectures.of_file(db, file.id))
    player(
        file.id,
        title=lecture.title if lecture else shown_name(file.name),
        session=shared.library().session(file.session_id).title,
        content_type=file.content_type,
        duration_ms=file.duration_ms,
        has_times=has_times(file),
        link=links.view(file.id).href,
        start=start,
        autoplay=autoplay,
        beside=beside,
    )


def has_times(file: File) -> bool | None:
    """Tell whether it is known when things are said in a recording; None when it has no transcript."""
    return shared.read(lambda db: plain_transcripts.has_times(db, file.id))


def in_pages(file: File, *, page: int | None = None) -> Document:
    """Return a document as those show it who turn its pages."""
    return Document(file.id, shown_name(file.name), has_pictures(file), page)


def has_pictures(file: File) -> bool:
    """Tell whether a document's pages can be shown as they look."""
    return file.content_type.partition(";")[0] == "application/pdf"


def _pdf(file: File) -> None:
    address = shared.content_url(file.id)
    pdf(f"{address}#navpanes=0&view=FitH", title=f"The document {file.name}", key=f"pdf-{file.id}")
    st.markdown(f"[Open in a tab of its own]({address})")


def _text(file: File) -> str:
    with st.spinner("Reading…"), shared.library().open(file.id, stop=min(file.size, _TEXT_BYTES)) as stream:
        text = decoded(b"".join(chunks(stream)))
    if file.size > _TEXT_BYTES:
        st.caption("This is the beginning; download the file to see all of it.")
    return text


def _table(file: File) -> None:
    text = _text(file)
    try:
        rows = _rows(text)
    except csv.Error:
        st.code(text, language=None)
        return
    if not rows:
        st.caption("The table is empty.")
        return
    heads = [head or f"column {number}" for number, head in enumerate(rows[0], start=1)]
    heads = [f"{head} ({number})" if head in heads[:number] else head for number, head in enumerate(heads)]
    st.dataframe([dict(zip(heads, row, strict=False)) for row in rows[1:]], hide_index=True, alt=file.name)
    if len(rows) > _TABLE_ROWS:
        st.caption(f"These are the first {_TABLE_ROWS} rows.")


def _rows(text: str) -> list[list[str]]:
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:4096], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    return list(islice(csv.reader(io.StringIO(text), dialect), _TABLE_ROWS + 1))
