"""`storages` and `use`: where the files are, and where new ones go."""

import click

from studybuddy import mode
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option, table
from studybuddy.drivers.checks import Check
from studybuddy.shapes import storage_info_json, storage_json
from studybuddy.status import StorageStatus, overview
from studybuddy.units import count_text, size_text


@click.command
@json_option
def storages(as_json: bool) -> None:
    """List the storages and what they hold."""
    with opened() as wiring:
        now = wiring.storages()
        with wiring.catalog.read() as db:
            found = overview(db, now)
    if as_json:
        answer({"storages": [storage_json(status) for status in found], "problems": list(now.problems)})
        return
    table(("Name", "Storage", "Files", "Size", ""), (_row(status) for status in found))
    for problem in now.problems:
        click.echo(f"Not open: {problem}", err=True)


def _row(status: StorageStatus) -> tuple[str, str, str, str, str]:
    name = status.storage.name if status.storage else ""
    notes = ["new files go here" if status.takes_new_files else "" if name else "the settings no longer name it"]
    if status.to_delete:
        notes.append(f"{count_text(status.to_delete, 'copy', 'copies')} still to be deleted")
    return name, status.row.label, f"{status.files:,}", size_text(status.bytes), "; ".join(filter(None, notes))


@click.command
@click.argument("name", metavar="STORAGE")
@json_option
def use(name: str, as_json: bool) -> None:
    """Send new files to STORAGE, if the doctor finds it well; "default": where the settings say.

    What is there already stays where it is and opens as before.
    """

    def tell(check: Check) -> None:
        if not as_json:
            click.echo(f"{check.title}: {check.outcome}")

    with opened() as wiring:
        mode.change(wiring.storages, name, on_check=tell)
        told = storage_info_json(wiring.settings, wiring.storages())
    if as_json:
        answer(told)
    else:
        click.echo(f"New files go to {told['details']['label']}.")
