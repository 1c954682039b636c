"""`demo`: the app over a sample library and a private S3 server, until Ctrl-C."""

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from studybuddy.cli.output import answer, json_option
from studybuddy.demo import app, place, s3_server
from studybuddy.demo.ports import a_port, this_port

_LIKED_PORT = 8501
_port = click.IntRange(1, 65535)


@click.command
@click.option("--port", type=_port, help=f"The app's port; {_LIKED_PORT} when it is free, else any.")
@click.option("--s3-port", type=_port, help="The S3 server's port; any free one.")
@click.option(
    "--keep", "folder", type=click.Path(path_type=Path, file_okay=False, resolve_path=True),
    help="Keep the demo in this folder, and go on with the one that is there. Else nothing is left at the end.",
)  # fmt: skip
@json_option
def demo(port: int | None, s3_port: int | None, folder: Path | None, as_json: bool) -> None:
    """Show the app with a sample library and a private S3 server. No account is needed; Ctrl-C ends it."""
    app_port = this_port(port, option="--port") if port else a_port(_LIKED_PORT)
    with _until_told(), _folder(folder) as place_folder:
        _tell("The demo starts ...", as_json=as_json)
        in_force = place.enter(place_folder, s3_port=s3_port or 0)
        with s3_server.serving(this_port(in_force, option="--s3-port"), place.BUCKET):
            place.fill()
            try:
                with app.running(app_port) as process:
                    _tell_all(app_port, in_force, place_folder, kept=bool(folder), as_json=as_json)
                    process.wait()
                    raise app.failure()
            finally:
                if folder:
                    place.keep()


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="study-buddy-demo-", ignore_cleanup_errors=True) as folder:
        try:
            yield Path(folder)
        finally:
            place.leave()


@contextmanager
def _until_told() -> Iterator[None]:
    """End the block at Ctrl-C, or when the process is told to end, which is no failure."""

    def end(*_: object) -> None:
        for name in signals:
            signal.signal(name, signal.SIG_IGN)  # a second Ctrl-C would leave something behind
        raise KeyboardInterrupt

    signals = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    for name in signals:
        signal.signal(name, end)
    try:
        yield
    except KeyboardInterrupt:
        click.echo("The demo has ended.", err=True)


def _tell(text: str, *, as_json: bool) -> None:
    if not as_json:
        click.echo(text)


def _tell_all(port: int, s3_port: int, folder: Path, *, kept: bool, as_json: bool) -> None:
    url, s3_url = f"http://localhost:{port}", f"http://127.0.0.1:{s3_port}"
    if as_json:
        answer({"url": url, "s3_url": s3_url, "bucket": place.BUCKET, "folder": str(folder), "kept": kept})
        return
    after = "the library stays in that folder" if kept else "nothing of it is left"
    click.echo(
        f"Open {url}\n\nThe library is in {folder}, the S3 server at {s3_url} (bucket {place.BUCKET}).\n"
        f"Move it there and back on the page Migrate. Ctrl-C ends the demo; {after}."
    )
