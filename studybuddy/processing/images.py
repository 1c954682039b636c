"""Pictures: their size, a small one, and the words in drawings."""

from collections.abc import Iterator

from PIL import Image, ImageOps

from studybuddy.processing import ocr
from studybuddy.processing.markup import Grammar, Words, xml_words
from studybuddy.processing.pictures import MAX_PIXELS, THUMBNAIL_PIXELS, thumbnail
from studybuddy.processing.results import Facts, Page, Remark, Result
from studybuddy.processing.source import Source, too_large

_FORMATS = {"png": "PNG", "jpg": "JPEG", "gif": "GIF", "webp": "WEBP", "avif": "AVIF", "tiff": "TIFF"}
_DRAWING = Grammar(
    text=frozenset(("text", "title", "desc")),
    ends={"text": "\n", "title": "\n", "desc": "\n", "tspan": " "},
    skipped=frozenset(("script", "style", "metadata")),
)
_ORIENTATION = 0x0112
_TURNED = (5, 6, 7, 8)


def read(source: Source) -> Iterator[Result]:
    match source.extension:
        case "svg":
            with source.path.open("rb") as stream:
                yield Page(1, xml_words(stream, Words(_DRAWING)))
        case "heic":
            yield Remark("HEIC pictures cannot be shown small here")
        case _:
            yield from _picture(source)


def _picture(source: Source) -> Iterator[Result]:
    Image.MAX_IMAGE_PIXELS = None  # a limit of our own is looked at before anything is decoded
    with Image.open(source.path, formats=[_FORMATS[source.extension]]) as image:
        width, height = image.size
        if image.format == "JPEG":  # which can be opened at a part of its size
            image.draft(None, (ocr.MAX_SIDE, ocr.MAX_SIDE))
        if image.width * image.height > MAX_PIXELS:
            raise too_large(f"The picture has {width:,} by {height:,} dots, too many to open")
        yield _facts(image, width, height)
        text = ocr.words_in(image.convert("L")) if ocr.available() else ""
        if text:
            yield Page(1, text)
        image.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
        yield thumbnail(ImageOps.exif_transpose(image), source.into)


def _facts(image: Image.Image, width: int, height: int) -> Facts:
    """Return the size as the picture is shown: phones turn it by a mark, not by its dots."""
    if image.getexif().get(_ORIENTATION) in _TURNED:
        width, height = height, width
    frames = getattr(image, "n_frames", 1)
    return Facts({"width": width, "height": height, **({"frames": frames} if frames > 1 else {})})
