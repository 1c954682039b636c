"""Markdown as it reads, for excerpts: without the marks that say how it looks."""

import re

_FENCE = re.compile(r"^[ \t]*(?:```|~~~).*$", re.MULTILINE)
_RULE = re.compile(r"^[ \t|:]*(?:-{3}|\*{3}|_{3}|={3})[ \t|:*_=-]*$", re.MULTILINE)  # also under a table's or a title
_HEADING = re.compile(r"^[ \t>]*#{1,6}[ \t]+", re.MULTILINE)
_QUOTE = re.compile(r"^[ \t]{0,3}(?:>[ \t]?)+", re.MULTILINE)
_ITEM = re.compile(r"^[ \t]*[-*+][ \t]+(?:\[[ xX]\][ \t]+)?", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\([^()\s]{0,500}(?:[ \t]+\"[^\"\n]{0,300}\")?\)")
# What stands in pairs around words. The lengths are bound: many marks without a partner must not take long.
_PAIRS = (
    re.compile(r"(?<![\\*])(\*{1,3})(?=[^\s*])([^\n]{0,300}?[^\s*])\1(?!\*)"),
    re.compile(r"(?<![\\\w])(_{1,3})(?=[^\s_])([^\n]{0,300}?[^\s_])\1(?!\w)"),
    re.compile(r"(?<![\\~])(~~)(?=[^\s~])([^\n]{0,300}?[^\s~])\1(?!~)"),
    re.compile(r"(?<![\\`])(`{1,3})(?!`)([^\n]{0,300}?[^`])\1(?!`)"),
)
_DEPTH = 2  # pairs within pairs
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def without_marks(text: str) -> str:
    """Return Markdown as plain text: headings, emphasis, code, links, lists and quotes without their marks."""
    for pattern in (_FENCE, _RULE, _HEADING, _QUOTE):
        text = pattern.sub("", text)
    text = _LINK.sub(r"\1", _ITEM.sub("• ", text))
    for _ in range(_DEPTH):
        for pattern in _PAIRS:
            text = pattern.sub(r"\2", text)
    return _ESCAPED.sub(r"\1", text)
