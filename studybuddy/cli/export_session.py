"""`export session`: a session as one zip."""

from pathlib import Path

import click

from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option
from studybuddy.cli.progress import counting
from studybuddy.cli.saving import saving
from studybuddy.names import shown_name
from studybuddy.session_zip import packing
from studybuddy.session_zip.looking import look
from studybuddy.units import count_text, size_text


@click.command
@click.argument("session_id", metavar="ID", type=click.IntRange(min=1))
@click.argument("path", metavar="[FILE.zip]", required=False, type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@json_option
def session(session_id: int, path: Path | None, force: bool, as_json: bool) -> None:
    """Write a session to a zip: its files, notes, transcripts, cards, and a manifest with each file's SHA-256.

    Without FILE.zip, or in a folder, it is called as the session is.
    """
    with opened() as wiring:
        packed = look(wiring.library, session_id)
        target = path or Path(packed.name)
        target = target / packed.name if target.is_dir() else target
        size = 0
        with (
            counting(shown_name(target.name), quiet=as_json) as show,
            saving(target, force=force, option="FILE") as new,
        ):
            for piece in packing.pieces(wiring.library, packed):
                size += new.write(piece)
                show(size, max(size, packed.size), size_text(size))
    if as_json:
        answer({"path": str(target.absolute()), "files": len(packed.files), "bytes": size})
    else:
        click.echo(f"Wrote {count_text(len(packed.files), 'file')} to {target} ({size_text(size)}).")
