"""What a move costs: one that is planned, or any that one thinks of."""

from decimal import Decimal

import streamlit as st

from pages import costs_lines, shared
from pages.formats import plain
from pages.migrate_plan import counted
from studybuddy.catalog.migrations import Migration
from studybuddy.costs.money import divided, usd_text
from studybuddy.costs.move import price_of_move
from studybuddy.costs.prices import PriceBook
from studybuddy.costs.usage import Sized
from studybuddy.migration import price
from studybuddy.migration.price import MovePrice
from studybuddy.settings.places import PlaceSettings, S3Settings
from studybuddy.spending.library import LibraryCost

_LOOKED_AT = 50  # the last migrations
_KEPT = "costs_planned"
_GB = 10**9  # as the app counts sizes
_MOST_GB, _MOST_FILES = 1_000_000, 1_000_000_000
_COLUMN = 260


def show(found: LibraryCost, book: PriceBook) -> None:
    """Show the price of what is planned, and of any move."""
    _planned(book)
    st.subheader("Any other move", anchor=False)
    source, target = _ends(found, book)
    files, gb = _amount(found)
    each = divided(Decimal(str(gb)) * _GB, Decimal(files)) if files else Decimal(0)
    bill = price_of_move([Sized(each, Decimal(files))], source, target, book) if files else None
    _price(MovePrice(bill) if bill else None, key="any")


def _planned(book: PriceBook) -> None:
    planned = [one for one in shared.wiring().migrations.page(limit=_LOOKED_AT) if one.state == "planned"]
    if not planned:
        st.caption("Nothing is planned. A plan on the page Migrate has its price as well.")
        return
    st.subheader("Planned", anchor=False)
    for migration in planned:
        with st.container(border=True, gap="xsmall"):
            _migration(migration, book)


def _migration(migration: Migration, book: PriceBook) -> None:
    todo = migration.count("todo", "copying")
    way = f"{plain(shared.where(migration.source_id))} → {plain(shared.where(migration.target_id))}"
    with shared.row(f"**{way}**", counted(todo)):
        st.page_link(
            shared.MIGRATE, label="Open", icon=":material/open_in_new:", query_params={"id": str(migration.id)}
        )
    # Of a million files it takes half a second, and every click draws the page anew.
    kept: dict[object, MovePrice | None] = st.session_state.setdefault(_KEPT, {})
    plan = (migration.id, todo, book.made_on)
    if plan not in kept:
        with st.spinner("Adding up what is planned…"):
            kept[plan] = _look_up(migration)
    _price(kept[plan], key=f"planned-{migration.id}")


def _look_up(migration: Migration) -> MovePrice | None:
    storages = shared.wiring().storages()
    source, target = storages.get(migration.source_id), storages.get(migration.target_id)
    return price.look_up(shared.wiring().catalog, migration, source, target)


def _price(found: MovePrice | None, *, key: str) -> None:
    if found is None:
        st.markdown("Nothing to pay, as far as prices are known: neither end is at Amazon S3, or nothing moves.")
        return
    least = "at least " if found.bill.at_least else ""
    st.markdown(f"#### {plain(f'{least}{usd_text(found.once)} once, then {usd_text(found.monthly)} a month')}")
    costs_lines.picture(found.bill)
    st.caption(costs_lines.dates([found.bill]))
    with st.expander("Both sides, line by line", icon=":material/receipt_long:"):
        costs_lines.table(found.bill)
        costs_lines.download([("The move", found.bill)], name="costs-move", key=f"move-{key}-csv")


def _ends(found: LibraryCost, book: PriceBook) -> tuple[PlaceSettings, PlaceSettings]:
    ours = [one.status.storage for one in found.storages if one.status.storage]
    places: dict[str, PlaceSettings] = {shared.where(one.id): one.place for one in ours}
    names = list(places)
    places |= {f"Amazon S3 · {one.title} · {code}": S3Settings("", code) for code, one in book.regions.items()}
    with st.grid(min_column_width=_COLUMN):
        source = st.selectbox("From", list(places), key="move_from", bind="query-params")
        target = st.selectbox(
            "To", list(places), index=1 if len(names) > 1 else len(names), key="move_to", bind="query-params"
        )
    return places[source], places[target]


def _amount(found: LibraryCost) -> tuple[int, float]:
    files, size = sum(one.status.files for one in found.storages), sum(one.status.bytes for one in found.storages)
    with st.grid(min_column_width=_COLUMN):
        gb = st.number_input(
            "GB", 0.0, float(_MOST_GB), round(size / _GB, 1) or 10.0, step=1.0, format="%.1f", key="move_gb",
            bind="query-params",
        )  # fmt: skip
        count = st.number_input("Files", 0, _MOST_FILES, files or 100, key="move_files", bind="query-params")
    return count, gb
