"""The reader: a document page by page, with its text."""

from dataclasses import asdict

import streamlit as st

from pages.components import stub, versioned
from pages.components.player import Document

_MODULE = versioned("reader/reader.js")
_COMPONENT = st.components.v2.component("study_buddy_reader", js=stub("reader"))


def reader(document: Document) -> None:
    """Show a document at one of its pages."""
    data = {"module": _MODULE, "base": "/api/v1", "document": asdict(document)}
    _COMPONENT(key=f"reader-{document.id}", data=data)
