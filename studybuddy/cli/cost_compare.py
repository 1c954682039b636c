"""`cost compare`: the same use in every storage class, in every region and at other providers."""

import click

from studybuddy.cli.cost_inputs import given_by, inputs
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option, sum_text, table
from studybuddy.costs.bill import Row
from studybuddy.costs.compare import compare as compare_use
from studybuddy.costs.inputs import read_usage
from studybuddy.costs.prices import FILE_NAME, PriceBook, load
from studybuddy.costs.usage import Usage
from studybuddy.settings import load_settings
from studybuddy.spending.bills import use_of_library
from studybuddy.spending.library import of_library
from studybuddy.spending.shapes import comparison_json

_LISTS = {"classes": "Storage class", "regions": "Region", "providers": "Provider"}
_SHOWN = 10


@click.command
@click.option("--only", type=click.Choice(tuple(_LISTS)), help="Only one of the three lists, whole.")
@inputs
@json_option
def compare(only: str | None, usage: str | None, as_json: bool, **options: str | None) -> None:
    """Price the same use in every storage class, in every region and at other providers, the cheapest first.

    The use is given as for `cost estimate`. Without any, it is what the library holds and was asked in the last days,
    all of it as if it were in one bucket.
    """
    given = given_by(usage, options)
    # A region and a free tier alone are no use.
    book = load(load_settings().data_dir / FILE_NAME)
    found = read_usage(given) if given.keys() - {"region", "free_tier"} else _of_library(given, book)
    rows = compare_use(found, book)
    if as_json:
        answer(comparison_json(found, rows))
        return
    for name in (only,) if only else _LISTS:
        _tell(_LISTS[name], getattr(rows, name), shown=None if only else _SHOWN)


def _of_library(given: dict[str, str], book: PriceBook) -> Usage:
    plain = read_usage(given)
    with opened() as wiring, wiring.catalog.read() as db:
        found = of_library(db, wiring.storages(), book)
        return use_of_library(found, wiring.storages(), region=given.get("region"), free_tier=plain.free_tier)


def _tell(title: str, rows: tuple[Row, ...], *, shown: int | None) -> None:
    table((title, "A month", ""), (_row(row) for row in rows[:shown]))
    if shown and len(rows) > shown:
        click.echo(f"And {len(rows) - shown} more, which cost as much or more.")
    click.echo()


def _row(row: Row) -> tuple[str, str, str]:
    spent = sum_text(row.estimate.total, at_least=row.estimate.at_least)
    title = row.title if row.code == "aws" else f"{row.title} ({row.code})"
    return title, spent, "; ".join(row.remarks)
