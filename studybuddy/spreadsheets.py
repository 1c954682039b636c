"""Texts in the cells of CSV files."""

import re

# What spreadsheets take for a formula, also behind blanks and in the wide forms of Chinese and Japanese keyboards.
_FORMULA = re.compile(r"[\s\x00]*[=+\-@＝＋－＠|%]")


def cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text
