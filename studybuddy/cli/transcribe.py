"""`transcribe`: makes transcripts of recordings, here and now."""

import time
from collections.abc import Sequence
from contextlib import closing

import click

from studybuddy.catalog.records import File
from studybuddy.catalog.transcriptions import Transcription
from studybuddy.cli.opening import opened
from studybuddy.cli.output import answer, json_option
from studybuddy.cli.progress import counting
from studybuddy.names import shown_name
from studybuddy.processing.transcriber import Transcriber
from studybuddy.processing.transcriptions import Transcriptions
from studybuddy.shapes import Json, transcription_json
from studybuddy.units import count_text

_LOOK_S = 0.5


@click.command
@click.argument("file_ids", metavar="FILE_ID...", nargs=-1, required=True, type=click.IntRange(min=1))
@json_option
def transcribe(file_ids: tuple[int, ...], as_json: bool) -> int:
    """Make transcripts of recordings, by the service or the model that the settings name.

    One that is there is made anew. Ctrl-C pauses: what was heard stays, and the next call goes on there.
    """
    asked = tuple(dict.fromkeys(file_ids))
    with opened() as wiring:
        queue = wiring.transcriptions
        queue.ask(asked)
        with closing(wiring.new_transcriber()) as transcriber:
            made = _make(transcriber, queue, asked, quiet=as_json)
        names = {file_id: shown_name(wiring.library.file(file_id).name) for file_id in asked}
    return _report(made, names, as_json=as_json)


def _make(transcriber: Transcriber, queue: Transcriptions, asked: Sequence[int], *, quiet: bool) -> list[Transcription]:
    with counting("Transcribing", quiet=quiet) as shown:

        def on_progress(file: File, done: float) -> None:
            shown(
                sum(one.state == "done" for one in _found(queue, asked)),
                len(asked),
                f"{shown_name(file.name)} {done:.0%}",
            )

        while True:
            transcriber.run(asked, on_progress=on_progress)
            found = _found(queue, asked)
            if all(one.state in {"done", "failed"} for one in found):
                return found
            time.sleep(_LOOK_S)  # another process makes it, or the service asked for a pause


def _found(queue: Transcriptions, asked: Sequence[int]) -> list[Transcription]:
    return [found for file_id in asked if (found := queue.find(file_id)) is not None]


def _report(made: Sequence[Transcription], names: dict[int, str], *, as_json: bool) -> int:
    failed = [one for one in made if one.state == "failed"]
    if as_json:
        document: Json = {"transcriptions": [transcription_json(one) for one in made]}
        if failed:
            message = f"{count_text(len(failed), 'transcript was', 'transcripts were')} not made"
            document["error"] = {"code": "not_all_transcribed", "message": message, "fix": "See transcriptions."}
        answer(document)
        return 1 if failed else 0
    for one in made:
        about = f"{names[one.file_id]} (file {one.file_id})"
        if one.state == "failed":
            click.echo(f"Failed: {about}: {one.reason}. {one.fix}".rstrip(), err=True)
        else:
            click.echo(f"Transcribed: {about}.")
    return 1 if failed else 0
