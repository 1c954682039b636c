"""Bills beside each other: one line and one bar each, and any of them line by line."""

from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType

import streamlit as st

from pages import costs_lines
from pages.bars import bar
from pages.costs_lines import FAINT
from pages.formats import joined
from studybuddy.costs.bill import Row

_ROW = "display:flex;flex-wrap:wrap;gap:2px 12px;align-items:center;padding:5px 0"  # on a phone in two lines


def show(rows: Sequence[Row], *, key: str, marks: Mapping[str, str] = MappingProxyType({})) -> None:
    """Show rows in their order. `marks`: what to say of some codes. `key` names the widgets and the download."""
    st.html(_pictures(rows, marks))
    bills = {row.code: row for row in rows}
    least = "At least: of something that is used the price is not known" if _some_unknown(rows) else ""
    st.caption(joined([costs_lines.dates([row.estimate for row in rows]), least]))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Show the bill of", list(bills), index=None, placeholder="Choose one", key=key, width=360,
            format_func=lambda code: f"{bills[code].title} · {costs_lines.sum_text(bills[code].estimate)}",
        )  # fmt: skip
        costs_lines.download([(row.title, row.estimate) for row in rows], name=f"costs-{key}", key=f"{key}-csv")
    if chosen:
        costs_lines.table(bills[chosen].estimate)


def _some_unknown(rows: Sequence[Row]) -> bool:
    return any(row.estimate.at_least for row in rows)


def _pictures(rows: Sequence[Row], marks: Mapping[str, str]) -> str:
    most = max((row.estimate.total for row in rows), default=0) or 1
    return "".join(_picture(row, float(row.estimate.total / most), mark=marks.get(row.code, "")) for row in rows)


def _picture(row: Row, share: float, *, mark: str) -> str:
    weight = "font-weight:600" if mark else ""
    notes = (mark, *row.remarks) if mark else row.remarks
    said = f'<div style="{FAINT};font-weight:400">{escape(". ".join(notes))}</div>' if notes else ""
    parts = costs_lines.segments(row.estimate)
    drawn = f'<div style="width:{max(100 * share, 0.5):.2f}%">{bar(parts)}</div>' if parts else ""
    cost = escape(costs_lines.sum_text(row.estimate))
    return (
        f'<div style="{_ROW};{weight}"><div style="flex:1 1 15rem">{escape(row.title)}{said}</div>'
        f'<div style="flex:3 1 10rem">{drawn}</div><div style="flex:0 0 7rem;text-align:right">{cost}</div></div>'
    )
