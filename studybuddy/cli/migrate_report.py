"""What `migrate` says of plans and migrations."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import click

from studybuddy.catalog.migrations import Count, ItemState, Migration, MigrationState
from studybuddy.cli.output import answer, minute, table
from studybuddy.costs.money import usd_text
from studybuddy.migration.leftovers import kept_until
from studybuddy.migration.migrations import Migrations
from studybuddy.migration.outlook import Outlook
from studybuddy.migration.plan import Plan
from studybuddy.migration.shapes import migration_json
from studybuddy.names import shown_name
from studybuddy.shapes import Json
from studybuddy.storages import Storages
from studybuddy.units import count_text, duration_text, size_text

_LEFT: tuple[ItemState, ...] = ("failed", "switched", "undone")  # those that may say what is wrong with them
_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command that works on a migration came to."""

    command: str  # with the migration's id, e.g. "run 7"
    goal: MigrationState
    stopped: bool

    def exit_code(self, migration: Migration) -> int:
        """0: all is done; 1: something could not be; 130: stopped."""
        return 0 if migration.state == self.goal else 130 if self.stopped else 1


def tell_plan(plan: Plan, outlook: Outlook | None, storages: Storages) -> None:
    """Print what a migration will do."""
    for line in _plan_lines(plan, outlook, storages):
        click.echo(line)


def _plan_lines(plan: Plan, outlook: Outlook | None, storages: Storages) -> Iterator[str]:
    migration = plan.migration
    yield f"Migration {migration.id}: {_way(migration, storages)}"
    for kind, count in plan.by_kind.items():
        yield f"  {kind}: {counted(count)}"
    left = migration.count("todo", "copying")
    time = f", about {_time(outlook.seconds)}" if outlook and outlook.seconds is not None else ""
    yield f"To move: {counted(left)}{time}."
    if plan.already_there.files:
        yield f"There already: {counted(plan.already_there)}; they are looked at and switched."
    for reason in plan.reasons:
        yield f"Cannot move: {counted(reason.count)}: {shown_name(reason.text)}"
    if outlook and outlook.price:
        at_least = "at least " if outlook.price.bill.at_least else ""
        once, monthly = usd_text(outlook.price.once), usd_text(outlook.price.monthly)
        yield f"It costs {at_least}{once} once, and {monthly} a month at the target."
    yield from outlook.notes if outlook else ()
    for problem in outlook.problems if outlook else ():
        yield f"Look at: {problem}"
    if plan.later.files:
        yield f"Added since: {counted(plan.later)}; `migrate join {migration.id}` lets them move as well."
    if left.files:
        yield f"Nothing has moved yet: `migrate run {migration.id}` moves it."


def _time(seconds: float) -> str:
    return duration_text(max(1000, round(seconds * 1000)))


def tell(
    migration: Migration, migrations: Migrations, storages: Storages, *, outcome: Outcome | None = None, as_json: bool
) -> None:
    """Print how far a migration is, and what a command that worked on it came to."""
    error = _error(migration, outcome) if outcome else None
    if as_json:
        answer(migration_json(migration, migrations, storages) | ({"error": error} if error else {}))
        return
    for line in _lines(migration, migrations, storages):
        click.echo(line)
    for item in migrations.items(migration.id, states=_LEFT, limit=_LOOKED_AT):
        if item.error:
            name = shown_name(item.name) if item.name else "deleted"
            click.echo(f"Failed: “{name}” (file {item.file_id}): {shown_name(item.error)}", err=True)
    if error:
        # The reason of a pause stands above.
        click.echo(error["fix"] if migration.reason else f"{error['message']}. {error['fix']}", err=True)


def _error(migration: Migration, outcome: Outcome) -> Json | None:
    if migration.state == outcome.goal:
        return None
    if outcome.stopped:
        return {"code": "interrupted", "message": "Stopped", "fix": f"`migrate {outcome.command}` goes on."}
    if (migration.state, outcome.goal, migration.reason) == ("paused", "done", ""):
        return {"code": "paused", "message": "It was paused elsewhere", "fix": f"`migrate {outcome.command}` goes on."}
    message = migration.reason.rstrip(".") or "Not all of it could be done"
    # A run leaves alone what failed.
    command = f"retry {migration.id}" if (migration.state, outcome.goal) == ("failed", "done") else outcome.command
    return {"code": "not_all_done", "message": message, "fix": f"`migrate {command}` tries again."}


def _lines(migration: Migration, migrations: Migrations, storages: Storages) -> Iterator[str]:
    yield f"Migration {migration.id}: {_way(migration, storages)}: {state_text(migration, migrations)}"
    for item_state, count in migration.counts.items():
        yield f"  {item_state}: {counted(count)}"
    if migration.state == "paused" and (half_moved := migrations.half_moved(migration)):
        large = count_text(len(half_moved), "large file")
        yield f"What has come of {large} is kept for a week: it goes on from there."
    if migration.ended_at:
        until = kept_until(migration.ended_at)
        for left in migrations.leftovers(migration):
            how_long = "" if storages.only_reads(left.storage_id) else f" until {until:%Y-%m-%d}"
            yield f"Kept in {storages.label(left.storage_id)}{how_long}: {counted(left.count)}."


def state_text(migration: Migration, migrations: Migrations) -> str:
    worker = migrations.worker(migration)
    where = " by another program" if worker == "elsewhere" else ""
    reason = f": {migration.reason}" if migration.reason else ""
    goes_on = " A running app goes on by itself when it answers." if migration.goes_on else ""
    return f"{migration.state}{where}{reason}{goes_on}"


def tell_list(found: Iterable[Migration], migrations: Migrations, storages: Storages) -> None:
    """Print migrations as a table."""
    rows = (
        (
            str(one.id),
            _way(one, storages),
            f"{one.planned_files:,}",
            size_text(one.planned_bytes),
            minute(one.created_at),
            state_text(one, migrations),
        )
        for one in found
    )
    table(("ID", "What", "Files", "Size", "Planned", "State"), rows)


def counted(count: Count) -> str:
    return f"{count_text(count.files, 'file')}, {size_text(count.bytes)}"


def _way(migration: Migration, storages: Storages) -> str:
    return f"{storages.label(migration.source_id)} → {storages.label(migration.target_id)}"
