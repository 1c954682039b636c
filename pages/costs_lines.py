"""A bill as people read it: a coloured bar, its lines with price, source and date, and the same as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape

import streamlit as st

from pages.bars import BLUE, GREEN, ORANGE, PINK, SKY, YELLOW, Segment, bar, square
from pages.formats import plain
from studybuddy.costs.bill import Component, Estimate
from studybuddy.costs.money import plain as number
from studybuddy.costs.money import total, usd_text
from studybuddy.costs.warnings import Warned

FAINT = "opacity:.75;font-size:.875rem"
LINE = "border-top:1px solid rgba(128,128,128,.35)"
LEFT = "padding:8px 0;vertical-align:top"
RIGHT = "width:1%;text-align:right;vertical-align:top;padding:8px 0 8px 16px;white-space:nowrap"
_PARTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Storage": (BLUE, ("storage", "monitoring", "plan")),
    "Requests": (ORANGE, ("request", "transition")),
    "Reading": (PINK, ("retrieval", "restore", "upload")),
    "Transfer": (GREEN, ("transfer",)),
    "Acceleration": (SKY, ("acceleration",)),
    "Encryption keys": (YELLOW, ("kms",)),
}
_PLACES = Decimal("0.0001")
_COLUMNS = ("What", "Quantity", "Unit", "USD for one unit", "USD", "Source of the price", "Price of", "Note")


def sum_text(made: Estimate) -> str:
    """Say a bill's total."""
    return amount(made.total, at_least=made.at_least)


def amount(usd: Decimal, *, at_least: bool) -> str:
    """Say a sum; at least, where not every price is known."""
    if at_least and not usd:
        return "not known"
    return f"at least {usd_text(usd)}" if at_least else usd_text(usd)


def segments(made: Estimate) -> list[Segment]:
    """Return the parts of a bill that cost something."""
    found = []
    for name, (color, groups) in _PARTS.items():
        cost = total(one.cost for one in made.components if one.cost is not None and one.group in groups)
        if cost:
            found.append(Segment(color, f"{name} {usd_text(cost)}", float(cost)))
    return found


def picture(made: Estimate) -> None:
    """Show what a bill is made of, in colours and in words."""
    parts = segments(made)
    if parts:
        st.html(bar(parts) + legend(parts))


def legend(parts: Iterable[Segment]) -> str:
    """Return the words for the colours of a bar."""
    words = "".join(f"<span>{square(part.color)} {escape(part.title)}</span>" for part in parts)
    return f'<div style="display:flex;flex-wrap:wrap;gap:2px 20px;margin-top:6px">{words}</div>'


def table(made: Estimate) -> None:
    """Show every line of a bill with its quantity and price, where the price is from and of when."""
    if not made.components:
        st.caption("Nothing is used, nothing is to pay.")
        return
    rows = "".join(_row(one) for one in made.components)
    st.html(
        f'<table style="width:100%;border-collapse:collapse">{rows}'
        f'<tr style="{LINE};font-weight:600"><td style="{LEFT}">Together, without taxes</td>'
        f'<td style="{RIGHT}" title="{_exact(made.total)}">{escape(sum_text(made))}</td></tr></table>'
    )


def _row(one: Component) -> str:
    said = "".join(f'<div style="{FAINT}">{escape(text)}</div>' for text in (_worked_out(one), _source(one)) if text)
    cost = "not known" if one.cost is None else usd_text(one.cost) if one.cost else "free"
    exact = _exact(one.cost) if one.cost else ""
    return (
        f'<tr style="{LINE}"><td style="{LEFT}">{escape(one.name)}{said}</td>'
        f'<td style="{RIGHT}" title="{exact}">{escape(cost)}</td></tr>'
    )


def _worked_out(one: Component) -> str:
    quantity = "less than 0.0001" if 0 < one.quantity < _PLACES else f"{one.quantity.quantize(_PLACES).normalize():,f}"
    price = f" × ${number(one.unit_price)}" if one.unit_price else ""
    note = f" · {one.note}" if one.note else ""
    times = " ×" if one.unit[:1].isdigit() else ""
    return f"{quantity}{times} {one.unit}{price}{note}"


def _source(one: Component) -> str:
    return f"Price of {one.price.as_of} · {one.price.source}" if one.price else ""


def _exact(usd: Decimal) -> str:
    return f"${number(usd)}"


def dates(bills: Iterable[Estimate]) -> str:
    """Say of when the prices of some bills are."""
    found = sorted({one.price.as_of for made in bills for one in made.components if one.price})
    return f"Prices of {', '.join(found)}" if found else ""


def download(made: Sequence[tuple[str, Estimate]], *, name: str, key: str) -> None:
    """Offer bills as CSV with exact numbers, one after the other; each has a title."""
    st.download_button(
        "Download as CSV", as_csv(made), file_name=f"{name}.csv", mime="text/csv", icon=":material/download:", key=key,
        on_click="ignore",
    )  # fmt: skip


def as_csv(made: Sequence[tuple[str, Estimate]]) -> str:
    """Write bills as CSV: exact numbers, each with its source and date."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("Bill", *_COLUMNS))
    for title, bill in made:
        writer.writerows((title, *_cells(one)) for one in bill.components)
        writer.writerow((title, "Total" if not bill.at_least else "Total, at least", "", "", "", number(bill.total)))
    return text.getvalue()


def _cells(one: Component) -> tuple[str, ...]:
    price = "" if one.unit_price is None else number(one.unit_price)
    cost = "not known" if one.cost is None else number(one.cost)
    source, as_of = (one.price.source, one.price.as_of) if one.price else ("", "")
    return one.name, number(one.quantity), one.unit, price, cost, source, as_of, one.note


def warn(one: Warned, *, of: str = "") -> None:
    """Show what to know of a bill, and what to do."""
    where = f"{of}: " if of else ""
    st.warning(f"**{plain(where + one.text)}.**  \n{one.fix}", icon=":material/warning:")
