"""`cost`: what S3 costs, for any use of it and for the library as it is."""

from decimal import Decimal
from typing import get_args

import click

from studybuddy.cli.cost_budget import budget
from studybuddy.cli.cost_compare import compare
from studybuddy.cli.cost_inputs import given_by, inputs
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option, sum_text, table
from studybuddy.costs.bill import Component, Estimate
from studybuddy.costs.estimate import estimate
from studybuddy.costs.inputs import read_usage
from studybuddy.costs.money import plain, usd_text
from studybuddy.costs.prices import FILE_NAME, load
from studybuddy.costs.usage import FreeTier, Usage
from studybuddy.settings import load_settings
from studybuddy.spending.library import LibraryCost, StorageCost, of_library
from studybuddy.spending.measured import WINDOW_DAYS
from studybuddy.spending.shapes import estimate_json, library_cost_json
from studybuddy.units import count_text, size_text

_PLACES = Decimal("0.0001")


@click.group
def cost() -> None:
    """Tell what S3 costs a month, each line with its price, its source and its date. Every command takes --json."""


cost.add_command(budget)
cost.add_command(compare)


@cost.command(name="estimate")
@inputs
@json_option
def estimate_command(usage: str | None, as_json: bool, **options: str | None) -> None:
    """Price any use of S3 for one month, without taxes.

    GB are of 2^30 bytes. A FILE can have several storage classes: "classes" is a list of objects. What stands in an
    option goes before what stands in the file.
    """
    found = read_usage(given_by(usage, options))
    book = load(load_settings().data_dir / FILE_NAME)
    made = estimate(found, book.of(found.region))
    if as_json:
        answer({"region": found.region, "free_tier": found.free_tier} | estimate_json(made))
    else:
        _tell(made, found)


@cost.command
@click.option("--free-tier", type=click.Choice(get_args(FreeTier)), default="none", help="As `cost estimate` takes it.")
@json_option
def library(free_tier: FreeTier, as_json: bool) -> None:
    """Tell what the library costs where it is: a month as it is, this month so far, and at this rate.

    The trash and spare copies are in it; older versions and unfinished parts as far as the doctor saw them; requests
    and transfer as they were counted. What browsers read by links to the storage itself is not counted.
    """
    with opened() as wiring:
        book = load(wiring.settings.data_dir / FILE_NAME)
        with wiring.catalog.read() as db:
            found = of_library(db, wiring.storages(), book, free_tier=free_tier)
    if as_json:
        answer(library_cost_json(found))
    else:
        _tell_library(found)


def _tell(made: Estimate, usage: Usage) -> None:
    table(("Component", "Quantity", "Unit", "Price", "Cost", "Price of", ""), (_row(one) for one in made.components))
    click.echo(f"{sum_text(made.total, at_least=made.at_least).capitalize()} a month in {usage.region}, without taxes.")
    if usage.free_tier == "credits":
        click.echo(f"With {usd_text(made.credits_usd)} of credits: {usd_text(made.to_pay)} to pay.")


def _row(one: Component) -> tuple[str, ...]:
    price = "unknown" if one.unit_price is None else f"${plain(one.unit_price)}"
    spent = "unknown" if one.cost is None else usd_text(one.cost)
    quantity = plain(one.quantity.quantize(_PLACES)) if one.quantity > _PLACES else "less than 0.0001"
    return one.name, quantity, one.unit, price, spent, one.price.as_of if one.price else "", one.note


def _tell_library(found: LibraryCost) -> None:
    columns = ("Storage", "Files", "Size", "A month as it is", "This month so far", "At this rate", "")
    table(columns, (_storage_row(one) for one in found.storages))
    click.echo(f"{sum_text(found.total, at_least=found.at_least).capitalize()} a month to keep what is there.")
    so_far, whole, later = found.so_far, found.at_this_rate, found.ahead[-1]
    click.echo(
        f"{sum_text(so_far.usd, at_least=so_far.at_least).capitalize()} this month so far, with requests and transfer;"
        f" {sum_text(whole.usd, at_least=whole.at_least)} by its end if it goes on as in the last"
        f" {count_text(WINDOW_DAYS, 'day')}, and {sum_text(later.usd, at_least=later.at_least)}"
        f" in {found.months[-1]:%B %Y}. All without taxes."
    )


def _storage_row(one: StorageCost) -> tuple[str, ...]:
    held = one.measured
    files, size = (held.objects, held.bytes) if held else (one.status.files, one.status.bytes)
    spent = (_spent(made) for made in (one.estimate, one.so_far, one.at_this_rate))
    return one.status.row.label, f"{files:,}", size_text(size), *spent, one.note


def _spent(made: Estimate | None) -> str:
    return sum_text(made.total, at_least=made.at_least) if made else "unknown"
