"""Small pictures of what a file shows."""

import io
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

from PIL import Image, UnidentifiedImageError

from studybuddy.processing.archives import part
from studybuddy.processing.results import Derived

THUMBNAIL_PIXELS = 480
MAX_PIXELS = 64_000_000
"""Of a picture that is opened whole: as RGBA, 256 MB."""

_EMBEDDED = (
    "docProps/thumbnail.jpeg",
    "docProps/thumbnail.jpg",
    "docProps/thumbnail.png",
    "Thumbnails/thumbnail.png",
)


# What Pillow raises for pictures that it cannot show.
UNSHOWN = (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError)


def thumbnail(image: Image.Image, into: Path) -> Derived:
    """Write a picture of at most 480 by 480 dots."""
    image.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
    if image.mode not in ("RGB", "RGBA"):
        image = image.convert("RGBA" if "transparency" in image.info or "A" in image.mode else "RGB")
    file = into / "thumbnail.webp"
    image.save(file, "WEBP", quality=80, method=2)
    return Derived("thumbnail", file, "image/webp")


def embedded_thumbnail(opened: ZipFile, into: Path) -> Iterator[Derived]:
    """Take the picture that an office program put beside its document, if it did."""
    for name in _EMBEDDED:
        found = [*picture_in(opened, name, into)]
        if found:
            yield from found
            return


def picture_in(opened: ZipFile, name: str, into: Path) -> Iterator[Derived]:
    """Make a small picture of one that lies in a document; one that cannot be shown is left out."""
    content = part(opened, name)
    if not content:
        return
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "GIF", "WEBP")) as image:
            if image.width * image.height <= MAX_PIXELS:
                image.draft("RGB", (THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
                yield thumbnail(image, into)
    except UNSHOWN:
        return  # the text is what matters: it has been read
