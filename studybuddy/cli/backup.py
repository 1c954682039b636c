"""`backup`: the catalog, safe in a storage or folder."""

import click

from studybuddy.backups.layout import Backup
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option, table
from studybuddy.cli.progress import stages
from studybuddy.shapes import backup_json, backup_record_json
from studybuddy.storage import Storage
from studybuddy.units import count_text, size_text
from studybuddy.wiring import Wiring


@click.command
@click.argument("place", required=False, metavar="[STORAGE|DIR]")
@click.option("--list", "lists", is_flag=True, help="List the backups that are there, the newest first.")
@json_option
def backup(place: str | None, lists: bool, as_json: bool) -> None:
    """Back up the catalog, and a manifest from which it can be made again; without a place, to where new files go.

    The files' own bytes are not in it: they stay in their storages.
    """
    with opened() as wiring:
        target = wiring.place(place) if place else wiring.backups.home()
        if lists:
            _list(wiring, target, as_json=as_json)
            return
        with stages(quiet=as_json) as on_stage:
            made = wiring.backups.run(target, on_stage=on_stage)
    if as_json:
        answer({"place": target.label, "backup": backup_json(made)})
    else:
        held = f"{count_text(made.holds.files, 'file')} in {count_text(made.holds.sessions, 'session')}"
        click.echo(f"Backed up what is known of {held} to {target.label}: {made.name}, {size_text(made.size)}.")


def _list(wiring: Wiring, place: Storage, *, as_json: bool) -> None:
    found = wiring.backups.list(place)
    if as_json:
        last = backup_record_json(wiring.backups.last())
        answer({"place": place.label, "last": last, "backups": [backup_json(one) for one in found]})
        return
    table(("Backup", "Made", "Files", "Size", ""), (_row(one) for one in found))


def _row(backup: Backup) -> tuple[str, str, str, str, str]:
    how = "by itself" if backup.automatic else ""
    return backup.name, backup.made_at[:16], f"{backup.holds.files:,}", size_text(backup.size), how
