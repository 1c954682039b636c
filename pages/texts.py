"""What was read in a file, page by page, to select and to copy."""

import streamlit as st

from pages import links, shared
from studybuddy.catalog import contents
from studybuddy.catalog.records import File
from studybuddy.units import count_text


def show(file: File) -> None:
    """Show the text of a file, folded; nothing where none was read."""
    last = shared.read(lambda db: contents.last_page(db, file.id))
    if last is None:
        return
    pages = f" · {count_text(last, 'page')}" if last > 1 else ""
    with st.expander(f"Text{pages}", icon=":material/article:"):
        number = st.number_input("Page", 1, last, key=f"text-{file.id}", width=140) if last > 1 else 1
        with shared.told():
            found = shared.read(lambda db: contents.pages(db, file.id, limit=1, after=number - 1)).rows
            text = next((page.text for page in found if page.number == number), "")
            if text.strip():
                st.code(text, language=None, wrap_lines=True, height=320 if len(text) > 1200 else "content")
            else:
                st.caption("No text was found on this page.")
        if file.kind == "document":
            link = links.view(file.id, page=number)
            st.page_link(link.page, label="Open this page", icon=":material/menu_book:", query_params=link.query)
