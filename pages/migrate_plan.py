"""A plan: what will move, what cannot and why, how long it takes; then one button."""

from collections.abc import Iterator

import streamlit as st

from pages import shared
from pages.bars import BLUE, GREEN, VERMILION, Segment, bar, square
from pages.formats import KINDS, joined, plain
from studybuddy.catalog.migrations import Count, Migration
from studybuddy.costs.money import plain as number
from studybuddy.costs.money import usd_text
from studybuddy.migration.outlook import Outlook
from studybuddy.migration.plan import Plan
from studybuddy.units import count_text, duration_text, size_text

_ON_A_PAGE = 10


def show(migration: Migration) -> None:
    """Show a plan of which nothing was begun."""
    migrations = shared.wiring().migrations
    plan = migrations.read_plan(migration.id)
    if migration.reason:
        st.error(plain(migration.reason), icon=":material/error:")
    head = st.empty()
    head.subheader(_amount(plan), anchor=False)
    _picture(plan)
    _kinds(plan)
    _cannot(plan)
    _later(plan)
    outlook = _outlook(migration)
    head.subheader(joined([_amount(plan), _time(outlook), _price(outlook)]), anchor=False)
    _bill(outlook)
    for note in outlook.notes:
        st.info(plain(note), icon=":material/info:")
    for problem in outlook.problems:
        st.warning(plain(problem), icon=":material/warning:")
    _buttons(migration, plan)


def counted(count: Count) -> str:
    """Say how many files and how large they are."""
    return joined([count_text(count.files, "file"), size_text(count.bytes) if count.bytes else ""])


def reasons(migration_id: int) -> None:
    """List the files that could not be moved, each with its reason."""
    before: list[str] = st.session_state.setdefault(f"migrate-failed-{migration_id}", [])
    found = shared.wiring().migrations.items(
        migration_id, states=["failed"], limit=_ON_A_PAGE + 1, after=int(before[-1]) if before else 0
    )
    for item in found[:_ON_A_PAGE]:
        st.markdown(f":red[:material/error:] **{plain(item.name) or 'deleted'}** :small[{plain(item.error)}]")
    following = str(found[_ON_A_PAGE - 1].position) if len(found) > _ON_A_PAGE else None
    shared.turn(following, before, key=f"migrate-failed-{migration_id}")


def _amount(plan: Plan) -> str:
    left = plan.migration.count("todo")
    return counted(left) if left.files else "Nothing is to move"


def _time(outlook: Outlook) -> str:
    return "" if outlook.seconds is None else f"about {duration_text(max(1000, round(outlook.seconds * 1000)))}"


def _price(outlook: Outlook) -> str:
    if outlook.price is None:
        return ""
    said = f"{usd_text(outlook.price.once)} once, {usd_text(outlook.price.monthly)} a month"
    return plain(f"at least {said}" if outlook.price.bill.at_least else said)


def _bill(outlook: Outlook) -> None:
    if outlook.price is None:
        return
    with st.expander("What it costs, line by line"):
        st.dataframe(
            [
                {
                    "What": line.name, "Quantity": number(line.quantity), "Unit": line.unit,
                    "Cost": "not known" if line.cost is None else usd_text(line.cost),
                    "Price of": line.price.as_of if line.price else "",
                }
                for line in outlook.price.bill.components
            ],
            hide_index=True,
        )  # fmt: skip


def _outlook(migration: Migration) -> Outlook:
    migrations = shared.wiring().migrations
    found = migrations.outlook(migration.id)
    if found is not None:
        return found
    with st.spinner("Measuring how fast it goes…"):
        return migrations.look_ahead(migration.id)


def _parts(plan: Plan) -> Iterator[tuple[str, str, Count]]:
    todo, there = plan.migration.count("todo"), plan.already_there
    yield BLUE, "Will move", Count(todo.files - there.files, todo.bytes - there.bytes)
    yield GREEN, "Is there already", there
    yield VERMILION, "Cannot move", plan.cannot


def _picture(plan: Plan) -> None:
    parts = [(color, f"{title} · {counted(count)}", count) for color, title, count in _parts(plan) if count.files]
    if not parts:
        st.markdown("No file of the source is in what was chosen.")
        return
    st.html(bar([Segment(color, said, count.files) for color, said, count in parts]))
    with st.container(horizontal=True, gap="medium"):
        for color, said, _ in parts:
            with st.container(horizontal=True, gap="xsmall", width="content", vertical_alignment="center"):
                st.html(square(color), width="content")
                st.markdown(said, width="content")


def _kinds(plan: Plan) -> None:
    said = [f"{KINDS[kind][0]} {KINDS[kind][1]}: {counted(count)}" for kind, count in plan.by_kind.items()]
    if said:
        st.caption("  \n".join(said))


def _cannot(plan: Plan) -> None:
    for reason in plan.reasons:
        st.markdown(f":red[:material/error:] **{counted(reason.count)} cannot move.** {plain(reason.text)}")
    if plan.cannot.files:
        with st.expander("Which files"):
            reasons(plan.migration.id)


def _later(plan: Plan) -> None:
    if not plan.later.files:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":orange[:material/schedule:] {counted(plan.later)} came since the plan.", width="content")
        st.button("Let them join", icon=":material/add:", on_click=_join, args=(plan.migration.id,))


def _join(migration_id: int) -> None:
    shared.attempt(lambda: shared.wiring().migrations.join(migration_id))


def _start(migration_id: int) -> None:
    shared.attempt(lambda: shared.wiring().migrations.start(migration_id))


def _buttons(migration: Migration, plan: Plan) -> None:
    with st.container(horizontal=True):
        st.button(
            "Move", type="primary", icon=":material/move_up:", disabled=not plan.migration.count("todo").files,
            on_click=_start, args=(migration.id,),
        )  # fmt: skip
        st.button("Choose again", icon=":material/arrow_back:", on_click=_choose_again, args=(migration,))


def _choose_again(migration: Migration) -> None:
    shared.attempt(lambda: shared.wiring().migrations.drop(migration.id))
    st.query_params.clear()
