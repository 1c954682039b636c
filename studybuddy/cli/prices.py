"""`prices`: what AWS asks for, read anew."""

import click

from studybuddy.cli.output import answer, json_option
from studybuddy.costs.money import plain
from studybuddy.costs.prices import FILE_NAME, load
from studybuddy.costs.refresh import AWS, Refreshed, public_lists, refresh
from studybuddy.drivers.s3.prices import price_lists
from studybuddy.settings import Settings, load_settings
from studybuddy.settings.places import S3Settings
from studybuddy.settings.providers import is_aws
from studybuddy.shapes import Json
from studybuddy.units import count_text


@click.group
def prices() -> None:
    """Keep the prices that `cost` uses. Takes --json."""


@prices.command(name="refresh")
@click.argument("regions", metavar="[REGION...]", nargs=-1)
@click.option("--from", "url", metavar="URL", default=AWS, show_default=True, help="Where the public lists are.")
@click.option("--account", is_flag=True, help="Ask AWS's query API with your AWS keys instead (pricing:GetProducts).")
@json_option
def refresh_command(regions: tuple[str, ...], url: str, account: bool, as_json: bool) -> None:
    """Read the public price lists of AWS for REGIONs, by default for those of your buckets; no account is needed.

    A price that moved by more than half, a missing tier, or a zero where none was: then nothing is taken, and what
    was found is told.
    """
    settings = load_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = settings.data_dir / FILE_NAME
    read = price_lists(_keys(settings)) if account else public_lists(url)
    done = refresh(load(store), regions or _regions(settings), store, read=read)
    if as_json:
        answer({"regions": [_json(one) for one in done]})
        return
    for one in done:
        _tell(one)


def _regions(settings: Settings) -> tuple[str, ...]:
    return tuple(sorted({place.region for place in _at_aws(settings)})) or ("us-east-1",)


def _keys(settings: Settings) -> S3Settings | None:
    return next((place for place in _at_aws(settings) if place.access_key_id), None)


def _at_aws(settings: Settings) -> list[S3Settings]:
    places = [settings.s3, *(named.settings for named in settings.more)]
    return [place for place in places if isinstance(place, S3Settings) and is_aws(place.endpoint_url)]


def _tell(one: Refreshed) -> None:
    dates = ", ".join(sorted({offer.as_of for offer in one.offers}))
    changed = f"{len(one.changes):,} are new or other than before"
    click.echo(f"{one.region}: {count_text(one.found, 'price')} of {dates}, {changed}.")
    for change in one.changes:
        before = "not known" if change.before is None else f"${plain(change.before)}"
        click.echo(f"  {change.name}: ${plain(change.usd)}, before: {before}")
    if one.kept:
        click.echo(f"  Not in the lists, kept as before: {', '.join(one.kept)}")


def _json(one: Refreshed) -> Json:
    return {
        "region": one.region,
        "sources": [{"source": offer.source, "as_of": offer.as_of} for offer in one.offers],
        "prices": one.found,
        "changes": [
            {"name": each.name, "usd": plain(each.usd), "before": None if each.before is None else plain(each.before)}
            for each in one.changes
        ],
        "kept": list(one.kept),
    }
