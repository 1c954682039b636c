"""One card a storage: whether it answers, where it is, what it holds."""

import streamlit as st

from pages import shared, storage_check, storage_setup
from pages.formats import KINDS, joined, plain
from studybuddy.kinds import Kind
from studybuddy.settings.places import LocalSettings, PlaceSettings, S3Settings, SupabaseSettings
from studybuddy.settings.providers import PROVIDERS, provider_of
from studybuddy.status import Answer, StorageStatus, naming, overview
from studybuddy.storage import Storage
from studybuddy.units import count_text, size_text

_ASK_AGAIN_S = 3


def show() -> None:
    """Show the storages, the one for new files first."""
    storages = shared.wiring().storages()
    found = shared.read(lambda db: overview(db, storages))
    with st.grid(min_column_width=330):
        for status in found:
            with st.container(border=True, height="stretch", gap="small", key=f"storage-{status.row.id}"):
                if status.storage is None:
                    _unnamed(status)
                else:
                    _card(status, status.storage)


def _card(status: StorageStatus, storage: Storage) -> None:
    _title(status)
    _answer(storage)
    st.markdown(_holds(status))
    if status.to_delete:
        st.caption(f":material/auto_delete: {_to_delete(status)}")
    st.caption(_place(storage.place))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Check", icon=":material/stethoscope:", key=f"check-{storage.id}"):
            storage_check.check(storage)
        place = storage.place
        if (
            isinstance(place, S3Settings)
            and not place.unset
            and st.button("Set up", icon=":material/handyman:", key=f"set-up-{storage.id}")
        ):
            storage_setup.set_up(storage, place)
        if status.files and len(shared.wiring().storages().opened) > 1:
            st.page_link(
                shared.MIGRATE, label="Move its files", icon=":material/move_up:", query_params={"from": storage.name}
            )


def _title(status: StorageStatus) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(plain(shared.where(status.row.id)), anchor=False, width="content")
        if status.takes_new_files:
            st.badge("new files go here", icon=":material/add_circle:", color="green")


@st.fragment(run_every=_ASK_AGAIN_S)
def _answer(storage: Storage) -> None:
    """Tell whether a storage answers, again and again."""
    answer = shared.wiring().answers.of(storage.id, wait_s=shared.PATIENCE_S)
    if answer is None:
        st.markdown(":material/hourglass_top: Asking whether it answers…")
    elif answer.failure is None:
        st.markdown(f":green[:material/check_circle:] {_promptness(answer)}")
    elif answer.to_be_made:
        st.markdown(f":blue[:material/add_circle:] {plain(answer.to_be_made)}")
    else:
        _silent(storage, answer)


def _promptness(answer: Answer) -> str:
    milliseconds = max(1, round(1000 * answer.seconds))
    free = f"{size_text(answer.free_bytes)} free" if answer.free_bytes is not None else ""
    return joined([f"Answers in {milliseconds:,} ms", free])


def _silent(storage: Storage, answer: Answer) -> None:
    failure = answer.failure
    if failure is None:
        return
    st.markdown(f":red[:material/error:] **Cannot be used now.** {plain(str(failure))}.")
    if failure.fix:
        st.code(failure.fix, language=None, wrap_lines=True)
    if storage.id == shared.wiring().storages().target.id and storage.kind != "local":
        st.caption("New files are saved on this computer meanwhile, and move when it answers.")


def _holds(status: StorageStatus) -> str:
    if not status.files:
        return "No files"
    kinds = [_held(holding.kind, holding.files) for holding in status.holdings]
    return f"**{count_text(status.files, 'file')}** · {size_text(status.bytes)}  \n:small[{joined(kinds)}]"


def _to_delete(status: StorageStatus) -> str:
    copies = count_text(status.to_delete, "copy that nobody needs is", "copies that nobody needs are")
    return f"{copies} still to be deleted there, soon. What stays may not be deleted: Check says what is missing."


def _held(kind: Kind, files: int) -> str:
    words = KINDS[kind][1].lower()
    return count_text(files, words.removesuffix("s") if kind != "other" else "other file", words)


def _place(place: PlaceSettings) -> str:
    match place:
        case LocalSettings():
            return f"In the folder {plain(str(place.folder))}"
        case S3Settings():
            prefix = f"in its folder {plain(place.prefix)}" if place.prefix else ""
            provider = provider_of(place.endpoint_url)
            service = "S3-compatible service" if provider is PROVIDERS[-1] else provider.name
            address = plain(place.endpoint_url or "")
            return joined([service, f"bucket {plain(place.bucket)}", prefix, plain(place.region), address])
        case SupabaseSettings():
            return joined([f"Bucket {plain(place.bucket)}", plain(place.url), "read only"])


def _unnamed(status: StorageStatus) -> None:
    _title(status)
    st.markdown(f":orange[:material/link_off:] **The settings no longer name it.** {_lost(status)}")
    st.markdown(_holds(status))
    with st.expander("How to open it again"):
        st.markdown("Add this to a file `storages.toml` beside `.env`, and start Study Buddy again.")
        st.code(naming(status.row), language="toml", wrap_lines=True)
        st.caption("Keys stand in the environment or in `.env`, under the names that this text gives.")


def _lost(status: StorageStatus) -> str:
    files = count_text(status.files, "file")
    return f"{files} there cannot be opened until it is named again; nothing of them is lost."
