"""The same use elsewhere: in other storage classes, in all regions, at other providers."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from pages import costs_lines
from pages.bars import bar
from pages.costs_lines import FAINT
from studybuddy.costs.bill import Row
from studybuddy.costs.compare import compare
from studybuddy.costs.money import usd_text
from studybuddy.costs.prices import PriceBook
from studybuddy.costs.usage import Usage

_ROW = "display:flex;flex-wrap:wrap;gap:2px 12px;align-items:center;padding:5px 0"  # on a phone in two lines


def show(usage: Usage, book: PriceBook, *, key: str) -> None:
    """Show where the same use would cost less, each list with the cheapest first."""
    found = compare(usage, book)
    st.subheader("The same elsewhere", anchor=False)
    titles = (f"Classes, in {usage.region}", "Regions", "Providers")
    lists = (found.classes, found.regions, found.providers)
    here = {used.storage_class.code for used in usage.classes} | {usage.region, "aws"}
    for tab, title, rows in zip(st.tabs(list(titles)), titles, lists, strict=True):
        with tab:
            st.html(_pictures(rows, here))
            _bills(rows, title, key=f"{key}-{title.partition(',')[0].lower()}")


def _pictures(rows: Sequence[Row], here: set[str]) -> str:
    most = max((row.estimate.total for row in rows), default=0) or 1
    return "".join(_picture(row, float(row.estimate.total / most), here=row.code in here) for row in rows)


def _picture(row: Row, share: float, *, here: bool) -> str:
    weight = "font-weight:600" if here else ""
    notes = ("this use now", *row.remarks) if here else row.remarks
    said = f'<div style="{FAINT};font-weight:400">{escape(". ".join(notes))}</div>' if notes else ""
    parts = costs_lines.segments(row.estimate)
    drawn = f'<div style="width:{max(100 * share, 0.5):.2f}%">{bar(parts)}</div>' if parts else ""
    cost = escape(costs_lines.sum_text(row.estimate))
    return (
        f'<div style="{_ROW};{weight}"><div style="flex:1 1 15rem">{escape(row.title)}{said}</div>'
        f'<div style="flex:3 1 10rem">{drawn}</div><div style="flex:0 0 7rem;text-align:right">{cost}</div></div>'
    )


def _bills(rows: Sequence[Row], title: str, *, key: str) -> None:
    bills = {row.code: row for row in rows}
    st.caption(costs_lines.dates([row.estimate for row in rows]))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Show the bill of", list(bills), index=None, placeholder="Choose one", key=key, width=360,
            format_func=lambda code: f"{bills[code].title} · {usd_text(bills[code].estimate.total)}",
        )  # fmt: skip
        costs_lines.download(
            [(row.title, row.estimate) for row in rows], name=f"costs-{key.rpartition('-')[2]}", key=f"{key}-csv"
        )
    if chosen:
        costs_lines.table(bills[chosen].estimate)
