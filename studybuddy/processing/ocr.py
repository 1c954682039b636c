"""The words in pictures of text, where tesseract is installed. Without it such pages stay without text."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

DOTS_PER_INCH = 200
MAX_SIDE = 4000
_MIN_SIDE = 100
_SECONDS = 60
_MAX_LANGUAGES = 4
_NO_LANGUAGES = ("osd", "equ", "snum")


@cache
def available() -> bool:
    """Tell whether words can be read from pictures here."""
    return bool(_languages())


def words_in(image: Image.Image) -> str:
    """Return the words in a picture; "" where there are none, or finding them takes too long."""
    if min(image.size) < _MIN_SIDE:
        return ""
    image.thumbnail((MAX_SIDE, MAX_SIDE))
    picture = io.BytesIO()
    image.save(picture, "PNG", compress_level=1)
    command = [_program(), "stdin", "stdout", "-l", _languages(), "--dpi", str(DOTS_PER_INCH)]
    try:
        done = subprocess.run(  # noqa: S603
            command, input=picture.getvalue(), capture_output=True, timeout=_SECONDS, check=False, env=_environment()
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""


@cache
def _languages() -> str:
    """Return the languages that are installed, as tesseract takes them; "" without tesseract."""
    if not _program():
        return ""
    command = [_program(), "--list-langs"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603
    listed = [line.strip() for line in done.stdout.splitlines()[1:]]
    return "+".join([one for one in listed if one and one not in _NO_LANGUAGES][:_MAX_LANGUAGES])


@cache
def _program() -> str:
    return shutil.which("tesseract") or ""


def _environment() -> dict[str, str]:
    return {**os.environ, "OMP_THREAD_LIMIT": "1"}
