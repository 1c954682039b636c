"""Bringing files from elsewhere: all that is in a bucket of Supabase; how to bring those of a table of addresses."""

import streamlit as st

from pages import migrate_import_watch, shared
from pages.formats import joined, plain
from pages.migrate_plan import counted
from pages.noticing import notice
from studybuddy.importing.imports import Imports
from studybuddy.importing.preview import Preview
from studybuddy.storage import Storage
from studybuddy.units import count_text

_OPEN = "import_open"


def show() -> None:
    """Show what can be brought, folded away unless something waits to go on or went wrong."""
    imports = shared.wiring().imports
    imports.recover()  # what a dead process left waits to go on
    buckets = [storage for storage in shared.wiring().storages().opened.values() if storage.kind == "supabase"]
    begun = [one for storage in buckets if (one := imports.last(imports.bucket(storage.name)))]
    st.session_state.setdefault(_OPEN, any(one.state != "done" for one in begun))  # once: then it is the person's
    with st.expander("Bring files from elsewhere", st.session_state[_OPEN], icon=":material/download:", key="import"):
        for storage in buckets:
            with st.container(key=f"import-{storage.id}"), shared.told():
                _bucket(imports, storage)
        if not buckets:
            _unnamed()
        _table()
    if buckets:
        notice(lambda: [_stands(imports, storage) for storage in buckets])


def _stands(imports: Imports, storage: Storage) -> object:
    """Return what decides what is shown of a bucket."""
    one = imports.last(imports.bucket(storage.name))
    return one and (one.id, one.state, imports.worker(one))


def _unnamed() -> None:
    st.markdown(
        "**A Supabase bucket**  \nNone is set. Set `SUPABASE_URL`, `SUPABASE_SERVICE_KEY` and `SUPABASE_BUCKET` in "
        "`.env`, and start Study Buddy again."
    )


def _table() -> None:
    st.markdown("**A table of addresses**  \nAn app's CSV, JSON or SQLite file, whose files are brought by a command:")
    st.code("python -m studybuddy import urls FILE", language="bash", wrap_lines=True)
    st.caption("Then this gives that app the new addresses:")
    st.code("python -m studybuddy export urls FILE", language="bash", wrap_lines=True)


def _bucket(imports: Imports, storage: Storage) -> None:
    st.markdown(
        f"**A Supabase bucket: {plain(shared.where(storage.id))}**  \nEach folder becomes a session, each recording a "
        "lecture. Every file is read once and checked; nothing is changed at Supabase."
    )
    one = imports.last(imports.bucket(storage.name))
    busy = one is not None and imports.worker(one) is not None
    if one is not None:
        migrate_import_watch.show(one, busy=busy)
    if not busy:
        _offer(imports, storage)


def _offer(imports: Imports, storage: Storage) -> None:
    """Let a person look at what would come, and bring it."""
    key = f"import-preview-{storage.id}"
    target = _target(storage)
    if st.button("Look what would come", icon=":material/search:", key=f"{key}-look"):
        st.session_state.pop(key, None)
        with st.spinner("Looking what is there…"), shared.told():
            st.session_state[key] = _looked(imports, storage, target)
    preview: Preview | None = st.session_state.get(key)
    if preview is None:
        return
    _amount(preview, target)
    if preview.new.files and st.button("Bring them", type="primary", icon=":material/download:", key=f"{key}-bring"):
        with shared.told():
            imports.start(imports.begin(imports.bucket(storage.name), target=target.name).id)
            del st.session_state[key]
            st.rerun()
    _details(preview)


def _target(storage: Storage) -> Storage:
    storages = shared.wiring().storages()
    names = [one.name for one in storages.opened.values() if one.takes_files]
    if len(names) == 1:
        return storages.named(names[0])
    usual = names.index(storages.target.name) if storages.target.takes_files else 0
    chosen = st.selectbox(
        "To", names, index=usual, key=f"import-to-{storage.id}",
        format_func=lambda one: shared.where(storages.named(one).id),
    )  # fmt: skip
    return storages.named(chosen)


def _looked(imports: Imports, storage: Storage, target: Storage) -> Preview:
    shown = st.empty()
    preview = imports.preview(
        imports.bucket(storage.name), target=target.name,
        on_progress=lambda now: shown.caption(f"{count_text(now.listed, 'file')} so far"),
    )  # fmt: skip
    shown.empty()
    return preview


def _amount(preview: Preview, target: Storage) -> None:
    would = f"**{counted(preview.new)}** would come to {plain(shared.where(target.id))}"
    st.markdown(joined([
        would if preview.new.files else "**Nothing new would come**",
        "some do not tell their size" if preview.unsized else "",
        f"{counted(preview.there)} here already" if preview.there.files else "",
        f"{preview.skipped:,} skipped" if preview.skipped else "",
        f"{preview.failed:,} cannot come" if preview.failed else "",
    ]))  # fmt: skip


def _details(preview: Preview) -> None:
    if preview.problems:
        with st.expander("What is left out, and why"):
            for wanted in preview.problems:
                migrate_import_watch.left_out(wanted, wanted.state, wanted.problem)
    if preview.sessions:
        with st.expander(f"In {count_text(len(preview.sessions), 'session')}"):
            rows = [
                {"Session": title, "Files": count.files, "Size": preview.size_of(count)}
                for title, count in preview.sessions.items()
            ]
            st.dataframe(rows, hide_index=True, alt="Sessions that would come")
