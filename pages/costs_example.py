"""The wrong example of $0.28 a month, opened line by line."""

from html import escape

import streamlit as st

from pages import costs_lines
from pages.costs_lines import FAINT, LEFT, LINE, RIGHT
from pages.formats import plain
from studybuddy.costs import example
from studybuddy.costs.bill import Estimate
from studybuddy.costs.example import Claim
from studybuddy.costs.money import usd_text
from studybuddy.costs.prices import PriceBook


def show(book: PriceBook) -> None:
    """Show what the guide says beside what it costs."""
    made = example.bill(book)
    said, costs = usd_text(example.guide_total()), usd_text(made.total)
    st.subheader(plain(f"Not {said} a month: {costs}"), anchor=False)
    st.markdown(
        plain(
            f"A guide to S3 that many copied says: 1,000 recordings of 10 MB, 10,000 uploads and 100,000 downloads a"
            f" month cost about {said}. It forgets that downloads are billed by the GB that goes out."
        )
    )
    st.html(_table(made))
    other = usd_text(example.bill(book, binary=True).total)
    st.caption(plain(f"In {example.REGION}. With MB of 2^20 bytes it is {other}. {costs_lines.dates([made])}."))
    costs_lines.picture(made)
    with st.expander("The bill, line by line", icon=":material/receipt_long:"):
        costs_lines.table(made)
        costs_lines.download([("The example", made)], name="costs-example", key="costs-example-csv")


def _table(made: Estimate) -> str:
    head = "".join(f'<th style="{RIGHT};font-weight:600">{title}</th>' for title in ("The guide", "The bill"))
    rows = "".join(_row(claim, made) for claim in example.CLAIMS)
    sums = "".join(f'<td style="{RIGHT}">{escape(usd_text(usd))}</td>' for usd in (example.guide_total(), made.total))
    return (
        f'<table style="width:100%;border-collapse:collapse"><tr><th></th>{head}</tr>{rows}'
        f'<tr style="{LINE};font-weight:600"><td style="{LEFT}">Together</td>{sums}</tr></table>'
    )


def _row(claim: Claim, made: Estimate) -> str:
    said = "—" if claim.says_usd is None else usd_text(claim.says_usd)
    told = "".join(f'<div style="{FAINT}">{escape(text)}</div>' for text in (claim.says, claim.why) if text)
    return (
        f'<tr style="{LINE}"><td style="{LEFT}">{escape(claim.what)}{told}</td>'
        f'<td style="{RIGHT}">{escape(said)}</td>'
        f'<td style="{RIGHT}">{escape(usd_text(example.cost_of(claim, made)))}</td></tr>'
    )
