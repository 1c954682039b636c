"""`recover`: a library, brought back from a backup."""

from dataclasses import asdict

import click

from studybuddy.backups import recover as recovering
from studybuddy.backups.look_over import Look
from studybuddy.backups.recover import Recovered, Wanted
from studybuddy.cli.output import answer, json_option
from studybuddy.cli.progress import stages
from studybuddy.names import shown_name
from studybuddy.settings import load_settings
from studybuddy.shapes import Json, backup_json
from studybuddy.units import count_text


@click.command
@click.argument("place", metavar="STORAGE|DIR")
@click.option("--backup", "name", metavar="NAME", help="This backup, instead of the newest that is whole.")
@click.option("--from-manifest", is_flag=True, help="Make the catalog anew from the backup's list of files.")
@click.option("--replace", "replaces", is_flag=True, help="Put the catalog that is there aside.")
@json_option
def recover(place: str, name: str | None, from_manifest: bool, replaces: bool, as_json: bool) -> int:
    """Bring a library back from a backup in a storage or folder, and look whether its files are there.

    The files' own bytes are in their storages: name those in the settings first. Nothing is deleted.
    """
    with stages(quiet=as_json) as on_stage:
        done = recovering.recover(load_settings(), Wanted(place, name, from_manifest, replaces), on_stage)
    if as_json:
        answer(_json(done))
    else:
        _tell(done)
    return 0 if done.look.is_whole else 1


def _json(done: Recovered) -> Json:
    document: Json = {
        "place": done.place,
        "backup": backup_json(done.backup),
        "skipped": [{"name": name, "reason": reason} for name, reason in done.skipped],
        "kept": str(done.kept) if done.kept else None,
        "look": asdict(done.look),
    }
    if not done.look.is_whole:
        message = "The catalog is recovered, but not every file was found"
        document["error"] = {"code": "not_all_found", "message": message, "fix": "See look."}
    return document


def _tell(done: Recovered) -> None:
    for name, reason in done.skipped:
        click.echo(f"Left out: {name}: {reason}.", err=True)
    held = f"{count_text(done.backup.holds.files, 'file')} in {count_text(done.backup.holds.sessions, 'session')}"
    click.echo(f"Recovered {held} from {done.backup.name} in {done.place}.")
    if done.kept:
        click.echo(f"The catalog that was there is kept as {done.kept}.")
    _tell_look(done.look)


def _tell_look(look: Look) -> None:
    click.echo(f"{count_text(look.found, 'file is', 'files are')} where the catalog says.")
    for unseen in look.unseen:
        held = count_text(unseen.files, "file")
        click.echo(f"Not looked at: {unseen.storage} with {held}: {unseen.reason}.", err=True)
    if look.missing:
        names = ", ".join(shown_name(name) for name in look.names)
        more = " and more" if look.missing > len(look.names) else ""
        click.echo(f"Missing: {count_text(look.missing, 'file')}: {names}{more}. Run `scan` for more.", err=True)
