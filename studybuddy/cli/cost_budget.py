"""`cost budget`: what a month may cost."""

import click

from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option
from studybuddy.spending.budget import Budget, BudgetStatus, parse_limit
from studybuddy.spending.shapes import budget_json

_NONE = "none"


@click.command
@click.argument("usd", required=False)
@click.option("--local", is_flag=True, help="Keep new files on this computer while the month would cost more.")
@click.option("--free-tier", type=click.Choice(("none", "legacy")), default="none", help="As `cost estimate` takes it.")
@json_option
def budget(usd: str | None, local: bool, free_tier: str, as_json: bool) -> None:
    """Set what a month may cost, in USD, or show how this month stands beside it; "none": no limit.

    The page Home warns when this month will cost more, if it goes on as the last days went.
    """
    if usd is None and (local or free_tier != _NONE):
        raise click.UsageError("--local and --free-tier need a limit: cost budget 5 --local")
    with opened() as wiring:
        if usd is not None:
            limit = None if usd == _NONE else Budget(parse_limit(usd), local, free_tier)  # type: ignore[arg-type]
            found = wiring.budgets.set(limit)
        else:
            wiring.budgets.review()
            found = wiring.budgets.status()
    if as_json:
        answer(budget_json(found))
    else:
        _tell(found)


def _tell(found: BudgetStatus | None) -> None:
    if found is None:
        click.echo("There is no limit.")
        return
    click.echo(f"{found.text}.")
    if found.held:
        click.echo("New files stay on this computer until that is no longer so, or until you choose: use STORAGE.")
