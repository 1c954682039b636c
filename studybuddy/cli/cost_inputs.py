"""The options by which any use of S3 is given to a command, and the file that may hold the same."""

import json
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from studybuddy.costs.inputs import INPUTS
from studybuddy.errors import InvalidInputError

_STDIN = "-"


class _Choice(click.Choice[str]):
    """A choice that may also be written with dashes, as options are."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return super().convert(value.replace("-", "_"), param, ctx)


def inputs(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an option for each quantity that can be used, and `--usage`."""
    says = "JSON with the same names, underscores for dashes; - is standard input."
    command = click.option("--usage", metavar="FILE", help=says)(command)
    for one in reversed(INPUTS.values()):
        flag = "--" + one.name.replace("_", "-")
        only = f" (only {', '.join(one.only)})" if one.only else ""
        form: Any = _Choice(one.choices, case_sensitive=False) if one.choices else str
        command = click.option(flag, f"of_{one.name}", type=form, help=one.says + only)(command)
    return command


def given_by(usage: str | None, options: Mapping[str, str | None]) -> dict[str, Any]:
    """Return what stands in the options, over what stands in the file."""
    given = {name.removeprefix("of_"): value for name, value in options.items() if value is not None}
    return (_read_file(usage) if usage else {}) | given


def _read_file(name: str) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if name == _STDIN else Path(name).read_text("utf-8")
        document = json.loads(text, parse_float=Decimal)
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInputError(f"The usage in {name} cannot be read", fix="It is a JSON object.") from error
    if not isinstance(document, dict):
        raise InvalidInputError(f"The usage in {name} is no JSON object", fix="Write {...}.")
    return document
