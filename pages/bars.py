"""A horizontal bar of coloured parts. Each part is named in words beside it as well."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

# Okabe and Ito's colours, which colour-blind people can tell apart.
BLUE, ORANGE, GREEN, PINK, SKY, VERMILION, YELLOW, BLACK = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000",
)  # fmt: skip
STORAGE_COLORS = (BLUE, ORANGE, PINK, YELLOW, BLACK)  # in the order in which the catalog met them
_LEAST = 0.012  # of the bar's width: what is there can be seen


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a bar."""

    color: str
    title: str  # shown on hover
    weight: float
    address: str = ""  # where a click leads


def bar(segments: Sequence[Segment]) -> str:
    """Return a bar as HTML."""
    whole = sum(segment.weight for segment in segments) or 1
    parts = "".join(_part(segment, max(segment.weight / whole, _LEAST)) for segment in segments)
    return f'<div style="display:flex;gap:2px;height:16px;border-radius:8px;overflow:hidden">{parts}</div>'


def square(color: str) -> str:
    """Return the sign of a part, for the words that stand for it."""
    return f'<span style="color:{color};font-size:1.25em;line-height:1" aria-hidden="true">■</span>'


def _part(segment: Segment, share: float) -> str:
    style = f'style="flex:{share:.4f};background:{segment.color}" title="{escape(segment.title)}"'
    if not segment.address:
        return f'<div aria-hidden="true" {style}></div>'
    return f'<a href="{escape(segment.address)}" target="_self" aria-label="{escape(segment.title)}" {style}></a>'
