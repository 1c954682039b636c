"""`settings` and `storage-info`: what is in force."""

import click

from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option, table
from studybuddy.settings import load_settings
from studybuddy.shapes import storage_info_json
from studybuddy.units import size_text


@click.command
@json_option
def settings(as_json: bool) -> None:
    """Show what is in force, and where it comes from. Secrets are masked."""
    in_force = load_settings()
    if as_json:
        rows = [
            {"name": one.name, "value": one.value, "source": one.source, "takes": one.takes, "secret": one.secret}
            for one in in_force.in_force
        ]
        answer({"settings": rows, "warnings": list(in_force.warnings)})
        return
    table(("Setting", "Value", "From", "Takes"), ((s.name, s.value, s.source, s.takes) for s in in_force.in_force))
    for warning in in_force.warnings:
        click.echo(f"Warning: {warning}", err=True)


@click.command(name="storage-info")
@json_option
def storage_info(as_json: bool) -> None:
    """Tell where new files go."""
    with opened() as wiring:
        told = storage_info_json(wiring.settings, wiring.storages())
    if as_json:
        answer(told)
        return
    details = told["details"]
    rows = [
        ("Storage mode", told["storage_mode"]),
        ("New files go to", details["label"]),
        ("Because", details["held"] or ("it was chosen in the app" if details["chosen"] else "the settings say so")),
        ("Bucket", told["bucket_name"] or "none"),
        ("Region", told["region"] or "none"),
        ("Endpoint", details["endpoint_url"] or "AWS" if told["s3_enabled"] else "none"),
        ("Largest file", size_text(details["max_upload_bytes"])),
    ]
    table(("What", "Is"), rows)
