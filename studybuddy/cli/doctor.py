"""`doctor`: whether a storage works, check by check, and what to do where it does not."""

import textwrap
from collections.abc import Sequence

import click

from studybuddy import doctor as checkup
from studybuddy.catalog.connection import Catalog
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option
from studybuddy.drivers.checks import Check
from studybuddy.shapes import diagnosis_json
from studybuddy.storage import Storage
from studybuddy.units import count_text

_MARKS = {"passed": ("✓", "green"), "warning": ("!", "yellow"), "failed": ("✗", "red"), "unknown": ("?", None)}


@click.command
@click.argument("name", metavar="[STORAGE]", required=False)
@click.option("--all", "everywhere", is_flag=True, help="Look at every storage.")
@json_option
@click.pass_context
def doctor(ctx: click.Context, name: str | None, everywhere: bool, as_json: bool) -> int:
    """Look whether STORAGE works, by default the one for new files, and tell what to do where it does not.

    Everything that Study Buddy does is tried with small objects, which are removed again.
    """
    if name and everywhere:
        raise click.UsageError("Name a storage or say --all, not both.", ctx)
    with opened() as wiring:
        storages = wiring.storages()
        chosen = storages.opened.values() if everywhere else [storages.named(name) if name else storages.target]
        found = [(storage, _diagnose(storage, wiring.catalog, as_json=as_json)) for storage in chosen]
    ill = [storage for storage, checks in found if not checkup.healthy(checks)]
    if as_json:
        _answer(found, ill)
    return 1 if ill else 0


def _diagnose(storage: Storage, catalog: Catalog, *, as_json: bool) -> list[Check]:
    if as_json:
        return list(checkup.diagnose(storage, catalog))
    click.secho(storage.label, bold=True)
    checks = []
    for check in checkup.diagnose(storage, catalog):
        checks.append(check)
        _tell(check)
    click.echo(_sum(checks))
    return checks


def _tell(check: Check) -> None:
    if check.outcome == "skipped":
        return  # one line tells all of them
    mark, colour = _MARKS[check.outcome]
    outcome = "" if check.outcome == "passed" else f" {check.outcome}"
    line = f"{mark} {check.title}:{outcome}" if outcome else f"{mark} {check.title}"
    reason = f" · {check.reason}" if check.reason else ""
    click.echo(f"  {click.style(line, fg=colour)}{reason} ({check.seconds:.2f} s)")
    if check.fix and check.outcome != "passed":
        click.echo(textwrap.indent(check.fix, "      "))


def _sum(checks: Sequence[Check]) -> str:
    counts = {outcome: sum(check.outcome == outcome for check in checks) for outcome in (*_MARKS, "skipped")}
    lines = [f"{counts['passed']} passed"]
    lines += [count_text(counts["warning"], "warning")] if counts["warning"] else []
    lines += [f"{counts[outcome]} {outcome}" for outcome in ("failed", "unknown", "skipped") if counts[outcome]]
    waiting = next((check.reason for check in checks if check.outcome == "skipped"), "")
    return f"  {', '.join(lines)}{f' ({waiting[:1].lower()}{waiting[1:]})' if waiting else ''}."


def _answer(found: Sequence[tuple[Storage, Sequence[Check]]], ill: Sequence[Storage]) -> None:
    document = {"storages": [diagnosis_json(storage, checks) for storage, checks in found]}
    if ill:
        message = f"Not well: {', '.join(storage.label for storage in ill)}"
        error = {"code": "not_well", "message": message, "fix": "See the checks that failed."}
        answer({**document, "error": error})
    else:
        answer(document)
