"""What is to be deleted and is still there."""

import click

from studybuddy.catalog import copies
from studybuddy.units import count_text
from studybuddy.wiring import Wiring


def tell_still_there(wiring: Wiring) -> None:
    """Say on standard error which storages still hold copies that are to be deleted."""
    with wiring.catalog.read() as db:
        found = copies.to_delete(db)
    storages = wiring.storages()
    for storage_id, count in found.items():
        held = count_text(count, "copy is", "copies are")
        click.echo(
            f"{held} still to be deleted in {storages.label(storage_id)}: it does not answer, these keys may not "
            "delete there (`doctor` says which), or a move is writing it just now. A running app tries again each "
            "minute.",
            err=True,
        )
