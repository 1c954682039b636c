"""`setup-bucket`: the bucket is made and set up, and the policy for its keys is printed."""

import json
import sys
import textwrap
from collections.abc import Iterable
from typing import get_args

import click

from studybuddy import bucket_setup
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option
from studybuddy.drivers.setup_steps import PolicyUse, SetupStep, succeeded
from studybuddy.shapes import setup_json
from studybuddy.storage import Storage

_MARKS = {
    "done": ("✓", "green", ": done"), "already": ("✓", None, ""), "would": ("→", "yellow", ": would be done"),
    "failed": ("✗", "red", ": failed"), "unsupported": ("–", None, ": unsupported"),
}  # fmt: skip
_WORD = "public"


@click.command(name="setup-bucket")
@click.argument("name", metavar="[STORAGE]", required=False)
@click.option("--public-read", is_flag=True, help="Let everyone read the files; without it, that is taken back.")
@click.option("--cors-origin", "origins", metavar="URL", multiple=True, help="Let the pages of this origin read.")
@click.option("--dry-run", is_flag=True, help="Change nothing, say what would be done.")
@click.option("--yes", is_flag=True, help="Confirm --public-read.")
@click.option("--policy", "use", type=click.Choice(get_args(PolicyUse)), help="Only print the policy for the keys.")
@json_option
def setup_bucket(  # noqa: PLR0913 (one parameter an option)
    *,
    name: str | None,
    public_read: bool,
    origins: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    use: PolicyUse | None,
    as_json: bool,
) -> int:
    """Make STORAGE's bucket when it is missing, and set it up; by default the storage for new files, or s3.

    Keeps the public out, keeps what is deleted for 30 days, and drops what was never finished. Doing it again changes
    nothing.
    """
    plan = bucket_setup.plan(public_read=public_read, cors_origins=origins)
    with opened() as wiring:
        storage = bucket_setup.chosen(wiring.storages(), name)
        if use:
            _print_policy(bucket_setup.policy(storage, use), as_json=as_json)
            return 0
        confirmed = yes or (public_read and not dry_run and not as_json and _confirm())
        found = bucket_setup.set_up(storage, plan, dry_run=dry_run, confirmed=confirmed)
        steps = list(found) if as_json else _tell(storage, found)
        _conclude(storage, steps, dry_run=dry_run, as_json=as_json)
    return 0 if succeeded(steps) else 1


def _confirm() -> bool:
    if not sys.stdin.isatty():
        return False
    click.echo(bucket_setup.CONSEQUENCE)
    return bool(click.prompt(f'Type "{_WORD}" to go on', default="", show_default=False) == _WORD)


def _tell(storage: Storage, found: Iterable[SetupStep]) -> list[SetupStep]:
    click.secho(storage.label, bold=True)
    steps = []
    for step in found:
        steps.append(step)
        mark, colour, outcome = _MARKS[step.outcome]
        reason = f" · {step.reason}" if step.reason else ""
        click.echo(f"  {click.style(f'{mark} {step.title}{outcome}', fg=colour)}{reason}")
        if step.fix:
            click.echo(textwrap.indent(step.fix, "      "))
    return steps


def _conclude(storage: Storage, steps: list[SetupStep], *, dry_run: bool, as_json: bool) -> None:
    policy = bucket_setup.policy(storage, "daily")
    if as_json:
        answer(setup_json(storage, steps, dry_run=dry_run, policy=policy) | _error(steps))
    else:
        click.echo("\nFor daily work, this policy is all that the keys need:")
        _print_policy(policy, as_json=False)


def _error(steps: list[SetupStep]) -> dict[str, dict[str, str]]:
    if succeeded(steps):
        return {}
    failed = ", ".join(step.title for step in steps if step.outcome == "failed")
    return {"error": {"code": "setup_failed", "message": f"Failed: {failed}", "fix": "See the steps that failed."}}


def _print_policy(policy: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        answer({"policy": policy})
    else:
        click.echo(json.dumps(policy, indent=2))
