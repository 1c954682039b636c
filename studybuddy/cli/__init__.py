"""The command line. Each command is a module that is loaded when it is called, so that help comes at once."""

import importlib
import os
import signal
import sys
from collections.abc import Sequence
from keyword import iskeyword
from typing import NoReturn, cast

import click

from studybuddy.cli.output import answer_error, tell_error
from studybuddy.errors import StudyBuddyError

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 128 + signal.SIGINT

# Each command's module and what the list of commands says of it.
COMMANDS = {
    "add": ("add", "Add files and folders to a session."),
    "backup": ("backup", "Back up the catalog to a storage or folder, or list the backups there."),
    "cards": ("cards", "List flashcards, or those that are due."),
    "cost": ("cost", "Tell what S3 costs: the library as it is, or any use of it."),
    "demo": ("demo", "Show the app with a sample library and a private S3 server."),
    "doctor": ("doctor", "Look whether a storage works, and what to do where it does not."),
    "export": ("export", "Write a session as a zip, notes, cards, or the new addresses of imported files."),
    "files": ("lists", "List files, or what is in the trash."),
    "get": ("get", "Write a file's bytes to this computer's disk."),
    "import": ("import_", "Bring files from Supabase, from the addresses in a table, or a session from its zip."),
    "migrate": ("migrate", "Move files from one storage to another, and back."),
    "outbox": ("outbox", "List what waits for a storage that failed, or move it now."),
    "prices": ("prices", "Read AWS's prices anew."),
    "process": ("process", "Read what files hold, or tell how far that is."),
    "purge": ("trash", "Delete a file that is in the trash, for good."),
    "recover": ("recover", "Bring a library back from a backup."),
    "restore": ("trash", "Take a file out of the trash."),
    "scan": ("scan", "Compare the catalog with what the storages hold, and repair it."),
    "search": ("search", "Find words in titles, documents, recordings and notes."),
    "sessions": ("lists", "List sessions, the last changed first."),
    "settings": ("settings", "Show what is in force, and where it comes from."),
    "setup-bucket": ("setup_bucket", "Make an S3 bucket and set it up; print the policy for its keys."),
    "storage-info": ("settings", "Tell where new files go."),
    "storages": ("storages", "List the storages and what they hold."),
    "transcribe": ("transcribe", "Make transcripts of recordings."),
    "trash": ("trash", "Put a file in the trash for 30 days."),
    "use": ("storages", "Send new files to another storage."),
}


class _Commands(click.Group):
    """The commands by name; a command's module is imported when it is asked for, not when it is listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"studybuddy.cli.{COMMANDS[cmd_name][0]}")
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name.replace("-", "_")
        return cast(click.Command, getattr(module, name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in COMMANDS.items()])


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Keep study files and lecture recordings, on this computer or in S3.

    Every command takes --json and then prints one JSON document. It ends with 0 when all is done, 1 when something
    failed, 2 when it was called wrongly.
    """


def main() -> NoReturn:
    """Run the command that the process was called with."""
    for stream in (sys.stdout, sys.stderr):
        # Names may hold anything, also what the terminal cannot show.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has enough. Python would fail again when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FAILED
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command; return the exit code."""
    as_json = "--json" in arguments
    try:
        return commands.main(list(arguments), prog_name="python -m studybuddy", standalone_mode=False) or DONE
    except click.UsageError as error:
        error.show()
        if as_json:
            path = error.ctx.command_path if error.ctx else "python -m studybuddy"
            answer_error("usage", error.format_message(), f"See {path} --help.")
        return WRONG_USAGE
    except click.Abort:
        click.echo("Stopped.", err=True)
        if as_json:
            answer_error("interrupted", "Stopped", "")
        return INTERRUPTED
    except StudyBuddyError as error:
        tell_error(error, as_json=as_json)
        return FAILED
