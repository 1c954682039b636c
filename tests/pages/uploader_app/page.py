"""Two pages around the uploader; the first shows what Python was told."""

import streamlit as st

from pages.components.uploader import uploader
from studybuddy import server


def add() -> None:
    state = st.session_state
    state["runs"] = state.get("runs", 0) + 1
    session = st.query_params.get("session")
    event = uploader(
        key="uploader",
        session_id=int(session) if session else None,
        new_session_title=st.query_params.get("title"),
        max_bytes=server.wiring().settings.max_upload_bytes,
        folders="session" if st.query_params.get("folders") == "session" else "tag",
    )
    if event is not None:
        state["told"] = [*state.get("told", []), *event.upload_ids]
        state["folders"] = {*state.get("folders", ()), *event.folder_ids}
        state["made"] = event.session_id or state.get("made")
    st.button("Run again")
    st.text(f"{state['runs']} runs, told of {len(state.get('told', []))} files, made session {state.get('made')}")
    st.text(f"folders became {len(state.get('folders', ()))} session")


def other() -> None:
    st.text("Nothing is added here")


st.navigation([st.Page(add, title="Add", default=True), st.Page(other, title="Other")]).run()
