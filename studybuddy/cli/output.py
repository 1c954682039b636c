"""How the command line speaks: one JSON document, or a table for a terminal, or plain lines for a pipe."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

import click

from studybuddy.costs.money import usd_text
from studybuddy.errors import InvalidInputError, StudyBuddyError
from studybuddy.names import shown_name

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def answer(document: Mapping[str, Any]) -> None:
    """Print the one JSON document of this run."""
    click.echo(json.dumps(document, ensure_ascii=False))


def answer_error(code: str, message: str, fix: str) -> None:
    answer({"error": {"code": code, "message": message, "fix": fix}})


def tell_error(error: StudyBuddyError, *, as_json: bool) -> None:
    """Say what went wrong and what to do."""
    click.echo(f"Error: {sentences(error)}", err=True)
    if as_json:
        answer_error(error.code, str(error), error.fix)


def sentences(error: StudyBuddyError) -> str:
    message = str(error)
    stop = "" if message.endswith((".", "!", "?")) else "."
    return f"{message}{stop} {error.fix}".rstrip()


def sum_text(amount: Decimal, *, at_least: bool) -> str:
    """Say an amount of money to the cent."""
    return f"at least {usd_text(amount)}" if at_least else usd_text(amount)


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """Open a text file for what is asked for; `-` is standard output."""
    if str(path) == "-":
        yield sys.stdout
        return
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            yield stream
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be written: {error.strerror}", fix="Choose another place.") from error


def minute(time: str) -> str:
    """Say a UTC ISO 8601 time to the minute."""
    return f"{time[:16].replace('T', ' ')} UTC"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; where nobody watches, lines with tabs between the columns."""
    if not sys.stdout.isatty():
        for row in ([*columns], *rows):
            click.echo("\t".join(_one_line(cell) for cell in row))
        return
    # Slow to load, and only needed for eyes.
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    shown = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        shown.add_column(column, justify="right" if column in {"ID", "Size", "Files", "Lectures"} else "left")
    for row in rows:
        shown.add_row(*(Text(_one_line(cell), overflow="fold") for cell in row))
    Console().print(shown)


def _one_line(cell: str) -> str:
    # A name may hold what moves a terminal's cursor.
    return shown_name(cell.replace("\t", " ").replace("\n", " ")) if cell else ""
