"""Formulas in the text of cards: what stands between dollar signs, `$x$` or `$$x$$`, unless it is money."""

import re
from collections.abc import Iterator

_FORMULA = re.compile(r"\$\$[^$\n]+\$\$|(?<![\\$\w])\$[^\s$](?:[^$\n]*[^\s$])?\$(?![\w$])")


def parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield a text's parts in their order, each with whether it is a formula with its dollar signs."""
    at = 0
    for formula in _FORMULA.finditer(text):
        yield text[at : formula.start()], False
        yield formula[0], True
        at = formula.end()
    yield text[at:], False
