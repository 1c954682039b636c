"""`export`: the new addresses of imported files for the programs that hold the old ones, and what people noted."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from studybuddy.cli.cards import export_cards
from studybuddy.cli.export_notes import notes
from studybuddy.cli.export_session import session
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option
from studybuddy.errors import InvalidInputError
from studybuddy.importing import exports
from studybuddy.importing.exports import Exported, Rewriting
from studybuddy.settings.places import S3Settings
from studybuddy.shapes import Json
from studybuddy.units import count_text
from studybuddy.wiring import Wiring


@click.group
def export() -> None:
    """Give other programs what is here: new addresses of files that came from them, notes, cards, whole sessions."""


export.add_command(notes)
export.add_command(export_cards)
export.add_command(session)


@export.command
@click.argument("path", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["csv", "sql"]), help="What FILE is; else its name tells (csv).")
@click.option("--base-url", metavar="URL", help="What the new addresses begin with; or a pattern with {id} or {key}.")
@click.option("--table", help="The table in the other database, for sql.")
@click.option("--column", "columns", multiple=True, help="Its column of addresses, for sql.")
@click.option("--host", "hosts", multiple=True, help="Another host name of your Supabase project, for --rewrite.")
@click.option("--rewrite", "database", metavar="SQLITE", type=click.Path(path_type=Path), help="Rewrite it in place.")
@json_option
def urls(  # noqa: PLR0913, PLR0917
    path: Path | None,
    form: str | None,
    base_url: str | None,
    table: str | None,
    columns: tuple[str, ...],
    hosts: tuple[str, ...],
    database: Path | None,
    as_json: bool,
) -> int:
    """Write each file's old and new address to FILE, as CSV or as SQL, or put the new ones into a SQLite file.

    --rewrite changes every text in SQLITE that holds an old address, in one transaction, after a backup beside it.
    """
    if (path is None) == (database is None):
        raise click.UsageError("Name a FILE, or a SQLite file with --rewrite.")
    with opened() as wiring:
        found = exports.exported(wiring.catalog, wiring.storages(), base_url=base_url)
        _warn(wiring, found if base_url is None else ())
        if database is not None:
            return _tell(exports.rewrite(database, wiring.catalog, found, hosts=hosts), as_json=as_json)
        places = exports.places_of(wiring.catalog, table=table, columns=columns)
    if path is not None:
        form = form or ("sql" if path.suffix.lower() == ".sql" else "csv")
        _write(path, found, places if form == "sql" else None)
        _tell_written(path, form, len(found), as_json=as_json)
    return 0


def _tell_written(path: Path, form: str, files: int, *, as_json: bool) -> None:
    if as_json:
        answer({"files": files, "path": str(path), "format": form})
    else:
        click.echo(f"Wrote the addresses of {count_text(files, 'file')} to {path}.")


def _write(path: Path, found: Sequence[Exported], places: Sequence[tuple[str, str]] | None) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            if places is None:
                exports.write_csv(found, stream)
            else:
                exports.write_sql(found, stream, places=places)
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be written: {error.strerror}", fix="Choose another place.") from error


def _warn(wiring: Wiring, found: Iterable[Exported]) -> None:
    """Say which of the new addresses nobody may read."""
    storages = wiring.storages()
    for storage_id in {one.file.storage_id for one in found}:
        storage = storages.opened.get(storage_id)
        if storage and isinstance(storage.place, S3Settings) and not storage.place.public_read:
            click.echo(
                f"{storage.label} is private: its addresses answer “access denied” until it is opened for everyone "
                "(setup-bucket --public-read, PUBLIC_READ=true). Or name a server that may read it: --base-url.",
                err=True,
            )


def _tell(done: Rewriting, *, as_json: bool) -> int:
    if as_json:
        answer(_json(done))
        return 1 if done.left else 0
    for one in done.columns:
        places = count_text(one.places, "address", "addresses")
        click.echo(f"{one.table}.{one.column}: {places} in {count_text(one.rows, 'row')}")
    for url, count in done.left:
        click.echo(f"Left: {url} ({count_text(count, 'time')}): no file here came from there", err=True)
    for name in done.not_looked_at:
        click.echo(f"Not looked at: {name}, a virtual table", err=True)
    total = sum(one.places for one in done.columns)
    kept = f" What was there before is kept in {done.backup}." if done.backup else ""
    click.echo(f"Changed {count_text(total, 'address', 'addresses')}.{kept}")
    return 1 if done.left else 0


def _json(done: Rewriting) -> Json:
    document: Json = {
        "backup": str(done.backup) if done.backup else None,
        "columns": [
            {"table": one.table, "column": one.column, "rows": one.rows, "places": one.places} for one in done.columns
        ],
        "left": [{"url": url, "times": count} for url, count in done.left],
        "not_looked_at": list(done.not_looked_at),
    }
    if done.left:
        message = f"{count_text(len(done.left), 'address leads', 'addresses lead')} to no file here"
        document["error"] = {"code": "not_all_rewritten", "message": message, "fix": "Import them first. See left."}
    return document
