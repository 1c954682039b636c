"""A rough picture of a slide: its texts and pictures where they stand, for decks that bring no picture of their own."""

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from zipfile import ZipFile

from lxml import etree
from PIL import Image, ImageDraw, ImageFont

from studybuddy.processing.archives import part, relations
from studybuddy.processing.markup import attribute, local, xml_root
from studybuddy.processing.pictures import MAX_PIXELS, THUMBNAIL_PIXELS, UNSHOWN

_WIDE = (12_192_000, 6_858_000)  # of a slide that does not say; in EMU, of which a point has 12,700
_EMU_A_POINT = 12_700
_SHAPES = ("sp", "pic", "graphicFrame")
_TITLES = ("title", "ctrTitle")
_CENTRED = ("ctrTitle", "subTitle")
_TITLE_POINTS, _TEXT_POINTS = 40.0, 22.0
_MAX_SHAPES, _MAX_LINES = 60, 40
_CARD, _CARD_MARGIN, _CARD_TITLE, _CARD_TEXT = (480, 270), 32, 30, 18  # in dots
_INK, _PAPER = "#1f2430", "#ffffff"
# Fonts with more alphabets than Pillow's own, where a system has them.
_FONTS = ("NotoSansCJK-Regular.ttc", "DejaVuSans.ttf", "Arial Unicode.ttf", "arial.ttf")

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True)
class _Box:
    """A place on the picture, in dots."""

    x: int
    y: int
    width: int
    height: int


def drawn_slide(opened: ZipFile, presentation: str, slide: str) -> Image.Image:
    """Draw a slide, by the names of the parts that describe the presentation and it."""
    width, height = _size(xml_root(part(opened, presentation)))
    scale = THUMBNAIL_PIXELS / max(width, height)
    picture = Image.new("RGB", (max(1, round(width * scale)), max(1, round(height * scale))), _PAPER)
    _Drawer(opened, picture, scale).draw(slide)
    return picture


def drawn_card(text: str) -> Image.Image:
    """Draw a slide of which only the words are known: its first line as the title, the others below it."""
    picture = Image.new("RGB", _CARD, _PAPER)
    pen = ImageDraw.Draw(picture)
    y: float = _CARD_MARGIN
    for number, line in enumerate(filter(str.strip, text.splitlines()[:_MAX_LINES])):
        size = _CARD_TEXT if number else _CARD_TITLE
        y += 0 if number != 1 else _CARD_TEXT / 2
        for part_of_it in _wrapped(line, _font(size), _CARD[0] - 2 * _CARD_MARGIN):
            pen.text((_CARD_MARGIN, y), part_of_it, fill=_INK, font=_font(size))
            y += size * 1.3
    return picture


def _size(presentation: etree._Element) -> tuple[int, int]:
    for element in presentation.iter():
        if local(element.tag) == "sldSz":
            width, height = _number(element.get("cx")), _number(element.get("cy"))
            if width > 0 and height > 0:
                return width, height
    return _WIDE


class _Drawer:
    """Draws the shapes of one slide, the lowest first."""

    def __init__(self, opened: ZipFile, picture: Image.Image, scale: float) -> None:
        self._opened = opened
        self._picture = picture
        self._pen = ImageDraw.Draw(picture)
        self._scale = scale

    def draw(self, slide: str) -> None:
        root = xml_root(part(self._opened, slide))
        others = relations(self._opened, slide)
        patterns = [*self._patterns(slide)]
        for shape in [*_shapes(root)][:_MAX_SHAPES]:
            box = self._box(shape) or next(filter(None, (self._box_like(shape, one) for one in patterns)), None)
            if box is None:
                continue
            if local(shape.tag) == "pic":
                self._paste(shape, box, others)
            else:
                self._write(shape, box)

    def _patterns(self, slide: str) -> Iterator[etree._Element]:
        """Yield the slide's layout and that one's master: they say where what stands that does not say so itself."""
        name = slide
        for kind in ("slideLayout", "slideMaster"):
            name = next((other for found, other in relations(self._opened, name).values() if found == kind), "")
            content = part(self._opened, name)
            if not content:
                return
            yield xml_root(content)

    def _box(self, shape: etree._Element) -> _Box | None:
        places = {local(e.tag): e for e in shape.iter() if local(e.tag) in ("off", "ext") and len(e.attrib) >= 2}
        if not {"off", "ext"} <= places.keys():
            return None
        sides = (places["off"].get("x"), places["off"].get("y"), places["ext"].get("cx"), places["ext"].get("cy"))
        return _Box(*(round(_number(side) * self._scale) for side in sides))

    def _box_like(self, shape: etree._Element, pattern: etree._Element) -> _Box | None:
        """Return the place of the shape that this one stands for in a pattern."""
        kind, number = _role(shape)
        if not kind:
            return None
        others = [other for other in _shapes(pattern) if _role(other)[0]]
        alike = [other for other in others if _role(other)[1] == number and number]
        alike += [other for other in others if _role(other)[0] == kind or {kind, _role(other)[0]} <= {*_TITLES}]
        return next(filter(None, map(self._box, alike)), None)

    def _paste(self, shape: etree._Element, box: _Box, others: dict[str, tuple[str, str]]) -> None:
        ids = [attribute(element.attrib, "embed") for element in shape.iter() if local(element.tag) == "blip"]
        content = part(self._opened, others[ids[0]][1]) if ids and ids[0] in others else b""
        if not content or box.width < 1 or box.height < 1:
            return
        size = min(box.width, self._picture.width), min(box.height, self._picture.height)
        with suppress(*UNSHOWN), Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "GIF", "WEBP")) as image:
            if image.width * image.height <= MAX_PIXELS:
                image.draft("RGB", size)
                small = (image.convert("RGBA") if image.mode == "P" else image).resize(size).convert("RGBA")
                self._picture.paste(small, (box.x, box.y), small)

    def _write(self, shape: etree._Element, box: _Box) -> None:
        kind, _ = _role(shape)
        y = box.y
        for text, points, is_centred in [*_paragraphs(shape)][:_MAX_LINES]:
            size = points or (_TITLE_POINTS if kind in _TITLES else _TEXT_POINTS)
            font = _font(max(6, round(size * _EMU_A_POINT * self._scale)))
            for line in _wrapped(text, font, max(box.width, 20)):
                inset = (box.width - font.getlength(line)) / 2 if is_centred or kind in _CENTRED else 0
                self._pen.text((box.x + inset, y), line, fill=_INK, font=font)
                y += round(getattr(font, "size", 10) * 1.25)
                if y > self._picture.height:
                    return


def _shapes(root: etree._Element) -> Iterator[etree._Element]:
    return (element for element in root.iter() if local(element.tag) in _SHAPES)


def _role(shape: etree._Element) -> tuple[str, str]:
    """Return what a shape stands for, e.g. `title`, and its number; "" when for nothing but itself."""
    for element in shape.iter():
        if local(element.tag) == "ph":
            return element.get("type", "body"), element.get("idx", "")
    return "", ""


def _paragraphs(shape: etree._Element) -> Iterator[tuple[str, float, bool]]:
    """Yield each paragraph's text, its size in points (0 when it does not say), and whether it is centred."""
    for paragraph in (element for element in shape.iter() if local(element.tag) == "p"):
        text = "".join(element.text or "" for element in paragraph.iter() if local(element.tag) == "t")
        sizes = [_number(element.get("sz")) / 100 for element in paragraph.iter() if local(element.tag) == "rPr"]
        centred = any(local(e.tag) == "pPr" and e.get("algn") == "ctr" for e in paragraph)
        if text.strip():
            yield text, max(sizes, default=0.0), centred


def _wrapped(text: str, font: Font, width: int) -> Iterator[str]:
    line = ""
    for word in text[:500].split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > width:
            yield line
            line = word
        else:
            line = longer
    yield line


@cache
def _font(size: int) -> Font:
    for name in _FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def _number(text: str | None) -> int:
    return int(text) if text and text.lstrip("-").isdecimal() and len(text) < 12 else 0
