"""A PDF in the browser's own viewer, which Streamlit's frames keep out: they are sandboxed."""

import streamlit as st

# The address is ours, never a person's own text.
_SCRIPT = """
export default function ({ data, parentElement }) {
  const old = parentElement.querySelector("iframe")
  if (old?.src === data.address) return
  old?.remove()
  const frame = document.createElement("iframe")
  frame.src = data.address
  frame.title = data.title
  frame.style = "width:100%;height:min(80vh,640px);border:0;border-radius:8px"
  parentElement.append(frame)
}
"""
_COMPONENT = st.components.v2.component("study_buddy_pdf", js=_SCRIPT)


def pdf(address: str, *, title: str, key: str) -> None:
    """Show the PDF at an address of ours."""
    _COMPONENT(key=key, data={"address": address, "title": title})
