"""`export notes`: notes and bookmarks as Markdown or CSV."""

from pathlib import Path
from typing import cast

import click

from studybuddy.catalog import files, marks, sessions
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option, writing
from studybuddy.listening import mark_exports
from studybuddy.listening.mark_exports import Form
from studybuddy.units import count_text


@click.command
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--session", "session_id", type=int, metavar="ID", help="Only those of one session.")
@click.option("--recording", "file_id", type=int, metavar="FILE_ID", help="Only those of one recording.")
@click.option("--format", "form", type=click.Choice([*mark_exports.TYPES]), help="Else FILE's name tells (markdown).")
@click.option("--site", default="", metavar="URL", help="The app's address, to make each moment a link.")
@json_option
def notes(  # noqa: PLR0913, PLR0917
    path: Path, session_id: int | None, file_id: int | None, form: str | None, site: str, as_json: bool
) -> int:
    """Write all notes and bookmarks to FILE (-: standard output), by session, recording and moment."""
    chosen = cast(Form, form or ("csv" if path.suffix.lower() == ".csv" else "markdown"))
    if as_json and str(path) == "-":
        raise click.UsageError("Name a FILE with --json: both cannot be standard output.")
    with opened() as wiring, wiring.catalog.read() as db:
        if session_id is not None:
            sessions.get(db, session_id)
        if file_id is not None:
            files.get(db, file_id)
        with writing(path) as stream:
            found = marks.told(db, session_id=session_id, file_id=file_id)
            count = mark_exports.write(found, stream, chosen, site=site)
    if as_json:
        answer({"notes": count, "path": str(path), "format": chosen})
    elif str(path) != "-":
        click.echo(f"Wrote {count_text(count, 'note or bookmark', 'notes and bookmarks')} to {path}.")
    return 0
