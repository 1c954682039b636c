"""The frame around every page: the navigation, and the strip that says where new files go."""

import streamlit as st

from pages import shared
from pages.formats import plain
from studybuddy.errors import StudyBuddyError

# The icons stand in the titles: `icon=` would become the tab's icon too, which Streamlit fetches from elsewhere.
_PAGES = [
    st.Page("home.py", title=":material/home: Home", default=True, help="What is here, and what changed last."),
    st.Page("upload.py", title=":material/add_circle: Add", url_path="add", help="Add files and recordings."),
    st.Page("sessions.py", title=":material/menu_book: Sessions", help="Find a session."),
    st.Page("search.py", title=":material/search: Search", help="Find a word in anything."),
    st.Page("session.py", title=":material/book_2: Session", visibility="hidden"),
    st.Page("cards.py", title=":material/cards_stack: Cards", help="Review what you want to know by heart."),
    st.Page("view.py", title=":material/visibility: View", visibility="hidden"),
    st.Page("reading.py", title=":material/auto_stories: Reading", visibility="hidden"),
    st.Page("storage.py", title=":material/database: Storage", help="Where everything is, and whether it works."),
    st.Page("costs.py", title=":material/payments: Costs", help="What it costs, and what it would."),
    st.Page("migrate.py", title=":material/move_up: Migrate", help="Move files to another storage, and back."),
    st.Page("trash.py", title=":material/delete: Trash", help="Take things back, or delete them for good."),
    st.Page("settings.py", title=":material/settings: Settings", help="What is in force, and from where."),
]


def _strip() -> None:
    storages = shared.wiring().storages()
    label, told = f"New files go to: **{plain(shared.where(storages.target.id))}**", ""
    if storages.held:
        label, told = f"{label}, to save money", f"For now, {plain(storages.held.value)}. "
    st.page_link(shared.STORAGE, label=f":small[{label}]", help=f"{told}Where everything is, and where new files go")


page = st.navigation(_PAGES)
st.set_page_config(page_title=f"{page.title.rpartition(': ')[2]} · Study Buddy", page_icon="📚")
try:
    shared.wiring()
except StudyBuddyError as error:
    shared.show_error(error)
    st.stop()
_strip()
shared.show_outcome()
with shared.told():
    page.run()
