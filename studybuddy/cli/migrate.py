"""`migrate`: files from one storage to another, and back."""

import importlib.util
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import get_args

import click

from studybuddy.catalog.migrations import Migration, MigrationState, Order, Scope
from studybuddy.cli.migrate_report import Outcome, counted, tell, tell_list, tell_plan
from studybuddy.cli.migrate_watch import watch
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option, writing
from studybuddy.cli.still_there import tell_still_there
from studybuddy.errors import SettingsError
from studybuddy.kinds import Kind
from studybuddy.migration.copying import Crews
from studybuddy.migration.report import Format, report
from studybuddy.migration.shapes import migration_json, plan_json
from studybuddy.wiring import Wiring

_LAST = 20
_MB = 1_000_000
_id = click.argument("migration_id", metavar="ID", type=click.IntRange(min=1))
_day = click.DateTime(["%Y-%m-%d"])
_size = click.IntRange(min=0)
# What each command is called while it works, and the state that it brings a migration to.
_WORK: dict[str, tuple[str, MigrationState]] = {
    "run": ("Moving", "done"), "undo": ("Switching back", "undone"), "clean-up": ("Deleting", "cleaned"),
}  # fmt: skip


@click.group
def migrate() -> None:
    """Move files from one storage to another.

    Each file is copied, verified and then switched; the copy that it had stays until `clean-up`, and `undo` switches
    back to it. Whatever stops a run, `run` goes on where it was.
    """


@migrate.command("plan")
@click.option("--from", "source", metavar="STORAGE", required=True, help="The storage that the files are in.")
@click.option("--to", "target", metavar="STORAGE", required=True, help="The storage that they move to.")
@click.option("--session", "session_ids", metavar="ID", type=click.IntRange(min=1), multiple=True,
              help="Only the files of this session; may be given again.")  # fmt: skip
@click.option("--kind", "kinds", type=click.Choice(get_args(Kind)), multiple=True,
              help="Only files of this kind; may be given again.")  # fmt: skip
@click.option("--min-bytes", type=_size, help="Only files of this size or larger.")
@click.option("--max-bytes", type=_size, help="Only files of this size or smaller.")
@click.option("--since", type=_day, help="Only files that were added on this day or later.")
@click.option("--until", type=_day, help="Only files that were added on this day or earlier.")
@click.option("--first", metavar="N", type=click.IntRange(min=1), help="Only so many, in their order.")
@click.option("--order", type=click.Choice(get_args(Order)), default="oldest", help="Which files move first.")
@click.option("--limit-rate", metavar="MB/S", type=click.FloatRange(min=0, min_open=True), help="How fast at most.")
@json_option
def plan(  # noqa: PLR0913, PLR0917
    source: str,
    target: str,
    session_ids: tuple[int, ...],
    kinds: tuple[Kind, ...],
    min_bytes: int | None,
    max_bytes: int | None,
    since: datetime | None,
    until: datetime | None,
    first: int | None,
    order: Order,
    limit_rate: float | None,
    as_json: bool,
) -> None:
    """Freeze what moves, and tell what it takes; nothing moves yet."""
    scope = Scope(session_ids, kinds, min_bytes, max_bytes, _iso(since), _iso(until), first, order)
    rate = None if limit_rate is None else max(1, round(limit_rate * _MB))
    with opened() as wiring:
        made = wiring.migrations.plan(source, target, scope, bytes_per_second=rate)
        outlook = wiring.migrations.look_ahead(made.migration.id)
        if as_json:
            answer(plan_json(made, outlook, wiring.migrations, wiring.storages()))
        else:
            tell_plan(made, outlook, wiring.storages())


@migrate.command("run")
@_id
@click.option("--scheduler", metavar="tcp://HOST:PORT", help="Have the workers of this Dask scheduler copy.")
@click.option("--shared-disk", is_flag=True, help="Those workers have the folders of this computer as well.")
@json_option
def run(migration_id: int, scheduler: str | None, shared_disk: bool, as_json: bool) -> int:
    """Move what is left of migration ID. Ctrl-C pauses it."""
    if shared_disk and not scheduler:
        raise click.UsageError("--shared-disk says something of the workers of a --scheduler.")
    crews = _cluster(scheduler, shared_disk=shared_disk) if scheduler else None
    with opened() as wiring:
        work = partial(wiring.migrations.run, crews=crews)
        return _work(wiring, migration_id, "run", work, as_json=as_json)


@migrate.command("status")
@click.argument("migration_id", metavar="[ID]", type=click.IntRange(min=1), required=False)
@json_option
def status(migration_id: int | None, as_json: bool) -> None:
    """Tell how far migration ID is, or list the last ones."""
    with opened() as wiring:
        wiring.migrations.recover()
        if migration_id is not None:
            _tell(wiring, wiring.migrations.get(migration_id), as_json=as_json)
            return
        found = wiring.migrations.page(limit=_LAST)
        if as_json:
            answer({"migrations": [migration_json(one, wiring.migrations, wiring.storages()) for one in found]})
        else:
            tell_list(found, wiring.migrations, wiring.storages())


@migrate.command("pause")
@_id
@json_option
def pause(migration_id: int, as_json: bool) -> None:
    """Pause migration ID, whichever program runs it."""
    with opened() as wiring:
        migration = wiring.migrations.get(migration_id)
        if wiring.migrations.worker(migration) or migration.goes_on:
            wiring.migrations.pause(migration_id)
        _tell(wiring, wiring.migrations.get(migration_id), as_json=as_json)


@migrate.command("retry")
@_id
@json_option
def retry(migration_id: int, as_json: bool) -> int:
    """Move what failed of migration ID, and what is left."""
    with opened() as wiring:
        wiring.migrations.retry_failed(migration_id)
        return _work(wiring, migration_id, "run", wiring.migrations.run, as_json=as_json)


@migrate.command("join")
@_id
@json_option
def join(migration_id: int, as_json: bool) -> None:
    """Let files that were added since the plan of migration ID join it."""
    with opened() as wiring:
        joined = wiring.migrations.join(migration_id)
        if as_json:
            answer(plan_json(joined, None, wiring.migrations, wiring.storages()))
        else:
            tell_plan(joined, None, wiring.storages())


@migrate.command("undo")
@_id
@json_option
def undo(migration_id: int, as_json: bool) -> int:
    """Switch the files of migration ID back to where they were. No bytes move."""
    with opened() as wiring:
        return _work(wiring, migration_id, "undo", wiring.migrations.undo, as_json=as_json)


@migrate.command("clean-up")
@_id
@click.option("--now", is_flag=True, help="Do not wait for the 7 days for which the copies are kept.")
@click.option("--yes", is_flag=True, help="Do not ask before deleting.")
@json_option
def clean_up(migration_id: int, now: bool, yes: bool, as_json: bool) -> int:
    """Delete the copies that migration ID left behind, each after a look at the one that stays."""
    with opened() as wiring:
        if not yes:
            _confirm(wiring, wiring.migrations.get(migration_id), as_json=as_json)
        clean = wiring.migrations.clean_up
        code = _work(wiring, migration_id, "clean-up", lambda one: clean(one, now=now), as_json=as_json)
        tell_still_there(wiring)
        return code


@migrate.command("report")
@_id
@click.option("--output", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
              required=True, help="FILE.csv or FILE.json; - is standard output, as JSON.")  # fmt: skip
@json_option
def give_report(migration_id: int, output: Path, as_json: bool) -> None:
    """Write every item of migration ID: source, target, hash, state and error."""
    kind: Format = "csv" if output.suffix.lower() == ".csv" else "json"
    with opened() as wiring:
        pieces = report(wiring.migrations, wiring.storages(), migration_id, kind=kind)
        with writing(output) as file:
            file.writelines(pieces)
    if str(output) != "-":
        if as_json:
            answer({"output": str(output), "format": kind})
        else:
            click.echo(f"Wrote {output}.")


def _cluster(scheduler: str, *, shared_disk: bool) -> Crews:
    if importlib.util.find_spec("distributed") is None:
        fix = "Run pip install -r requirements-cluster.txt."
        raise SettingsError("--scheduler needs Dask, which is not installed", fix=fix)
    # Slow to load, and not among what the app needs.
    from studybuddy.migration.cluster import Cluster  # noqa: PLC0415

    return Cluster(scheduler, shared_disk=shared_disk)


def _work(wiring: Wiring, migration_id: int, command: str, work: Callable[[int], Migration], *, as_json: bool) -> int:
    """Do it while someone watches, and tell what came of it."""
    wiring.migrations.get(migration_id)
    doing, goal = _WORK[command]
    stopped = watch(wiring.migrations, migration_id, lambda: work(migration_id), doing, as_json=as_json)
    outcome = Outcome(f"{command} {migration_id}", goal, stopped)
    migration = wiring.migrations.get(migration_id)
    tell(migration, wiring.migrations, wiring.storages(), outcome=outcome, as_json=as_json)
    return outcome.exit_code(migration)


def _tell(wiring: Wiring, migration: Migration, *, as_json: bool) -> None:
    tell(migration, wiring.migrations, wiring.storages(), as_json=as_json)


def _confirm(wiring: Wiring, migration: Migration, *, as_json: bool) -> None:
    what = " and ".join(
        f"{counted(left.count)} in {wiring.storages().label(left.storage_id)}"
        for left in wiring.migrations.leftovers(migration)
    )
    warning = f"These copies are deleted for good: {what or 'none'}. The files stay where they are now."
    if as_json or not sys.stdin.isatty():
        raise click.UsageError(f"clean-up needs --yes. {warning}")
    click.confirm(f"{warning} Go on?", abort=True, err=True)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.date().isoformat()
