"""`import session`: a session from its zip."""

from pathlib import Path

import click

from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option, sentences
from studybuddy.cli.progress import counting
from studybuddy.names import shown_name
from studybuddy.session_zip.shapes import brought_json
from studybuddy.session_zip.unpacking import Brought, bring
from studybuddy.units import count_text


@click.command
@click.argument("path", metavar="FILE.zip", type=click.Path(path_type=Path))
@json_option
def session(path: Path, as_json: bool) -> int:
    """Make a session from a zip that `export session` or the session's page made.

    Each file is compared with its SHA-256; one that is damaged is told and left out.
    """
    with opened() as wiring:
        with counting(shown_name(path.name), quiet=as_json) as show:
            brought = bring(
                wiring.library, wiring.spool, path,
                on_file=lambda done, of: show(done, of, f"{done:,} of {count_text(of, 'file')}"),
            )  # fmt: skip
        if as_json:
            answer(brought_json(brought, wiring.storages()) | _error(brought))
        else:
            _tell(brought)
    return 1 if brought.failed else 0


def _error(brought: Brought) -> dict[str, object]:
    if not brought.failed:
        return {}
    message = f"{count_text(len(brought.failed), 'part')} of the zip could not be brought in"
    return {"error": {"code": "not_all_imported", "message": message, "fix": "See failed."}}


def _tell(brought: Brought) -> None:
    for added in brought.added:
        for duplicate in added.duplicates[:1]:
            name, title = shown_name(duplicate.name), shown_name(duplicate.session_title)
            where = f"“{name}” (file {duplicate.file_id}) in “{title}”"
            click.echo(f"Duplicate: {shown_name(added.file.name)}: {where} holds the same bytes; both are kept.")
    for one in brought.failed:
        click.echo(f"Failed: {shown_name(one.name)}: {sentences(one.error)}", err=True)
    if brought.lost_marks:
        click.echo(f"Left out: {count_text(brought.lost_marks, 'note')} of recordings that did not come.", err=True)
    about = ", ".join(part for part in (
        count_text(len(brought.added), "file"),
        count_text(brought.marks, "note") if brought.marks else "",
        count_text(brought.cards, "card") if brought.cards else "",
    ) if part)  # fmt: skip
    click.echo(f"Made the session {brought.session.id}, “{shown_name(brought.session.title)}”, with {about}.")
