"""Small pictures of what a file shows."""

import io
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

from PIL import Image, ImageDraw, ImageStat, UnidentifiedImageError

from studybuddy.processing.archives import part
from studybuddy.processing.results import Derived

THUMBNAIL_PIXELS = 480
MAX_PIXELS = 64_000_000
"""Of a picture that is opened whole: as RGBA, 256 MB."""

_LIGHT = 225  # of 255, grey: an edge as light is lost on a light page
_EVEN = 12  # of 255, grey: the dots of an empty picture differ by less
_LINE, _LINE_DOTS = "#bdb9af", 4  # shown small, a hair
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
    _outline(image)
    file = into / "thumbnail.webp"
    image.save(file, "WEBP", quality=80, method=2)
    return Derived("thumbnail", file, "image/webp")


def _outline(image: Image.Image) -> None:
    """Draw a thin line around a picture whose edge would not be seen on a light page."""
    grey, (width, height) = _on_paper(image), image.size
    edges = ((0, 0, width, 1), (0, height - 1, width, height), (0, 0, 1, height), (width - 1, 0, width, height))
    if any(ImageStat.Stat(grey.crop(edge)).mean[0] > _LIGHT for edge in edges):
        ImageDraw.Draw(image).rectangle((0, 0, width - 1, height - 1), outline=_LINE, width=_LINE_DOTS)


def _on_paper(image: Image.Image) -> Image.Image:
    """Return a picture in grey, white where it is transparent."""
    if image.mode != "RGBA":
        return image.convert("L")
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image)
    return paper.convert("L")


def _is_empty(image: Image.Image) -> bool:
    ((darkest, lightest),) = ImageStat.Stat(image.convert("L")).extrema
    return lightest - darkest < _EVEN


def embedded_thumbnail(opened: ZipFile, into: Path) -> Iterator[Derived]:
    """Take the picture that an office program put beside its document, if it did."""
    for name in _EMBEDDED:
        found = [*picture_in(opened, name, into)]
        if found:
            yield from found
            return


def picture_in(opened: ZipFile, name: str, into: Path) -> Iterator[Derived]:
    """Make a small picture of one that lies in a document; one that cannot be shown, or is empty, is left out."""
    content = part(opened, name)
    if not content:
        return
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "GIF", "WEBP")) as image:
            if image.width * image.height > MAX_PIXELS:
                return
            image.draft("RGB", (THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
            if not _is_empty(image):
                yield thumbnail(image, into)
    except UNSHOWN:
        return  # the text is what matters: it has been read
