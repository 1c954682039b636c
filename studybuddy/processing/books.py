"""EPUB books: the text of each chapter in reading order, and the cover."""

from collections.abc import Iterator
from zipfile import ZipFile

from lxml import etree

from studybuddy.processing.archives import archive, part, properties, resolved
from studybuddy.processing.html import words
from studybuddy.processing.markup import local, xml_root
from studybuddy.processing.pictures import picture_in
from studybuddy.processing.results import Page, Progress, Remark, Result, UnreadableError
from studybuddy.processing.source import Source, damaged

_HARMLESS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
"""Ways to hide fonts, not text."""


def read(source: Source) -> Iterator[Result]:
    with archive(source) as opened:
        _refuse_protected(opened)
        name, package = _package(opened, source)
        items = {item.get("id", ""): item for item in package.iter() if local(item.tag) == "item"}
        spine = [entry.get("idref", "") for entry in package.iter() if local(entry.tag) == "itemref"]
        chapters = [resolved(name, items[entry].get("href", "")) for entry in spine if entry in items]
        yield from _chapters(opened, chapters)
        if facts := properties(opened, name):
            yield facts
        if cover := _cover(package, items):
            yield from picture_in(opened, resolved(name, cover), source.into)


def _refuse_protected(opened: ZipFile) -> None:
    listed = part(opened, "META-INF/encryption.xml")
    if not listed:
        return
    ways = [e.get("Algorithm", "") for e in xml_root(listed).iter() if local(e.tag) == "EncryptionMethod"]
    if any(not way.startswith(_HARMLESS) for way in ways):
        raise UnreadableError(
            "The book is locked to a reader's account (DRM)", fix="Read it where you bought it; its text stays closed."
        )


def _package(opened: ZipFile, source: Source) -> tuple[str, etree._Element]:
    """Return the name and the content of the part that lists all others."""
    container = part(opened, "META-INF/container.xml")
    if container:
        for element in xml_root(container).iter():
            name = element.get("full-path", "")
            if name and (content := part(opened, name)):
                return name, xml_root(content)
    raise damaged(source)


def _chapters(opened: ZipFile, names: list[str]) -> Iterator[Result]:
    missing = 0
    for number, name in enumerate(names, start=1):
        content = part(opened, name)
        missing += not content
        yield Page(number, words(content) if content else "")
        yield Progress(number / len(names))
    if missing:
        yield Remark(f"{missing} of {len(names)} chapters are not in the file")


def _cover(package: etree._Element, items: dict[str, etree._Element]) -> str:
    """Return what the cover's picture is called in the book; "" when it has none."""
    named = [e.get("content", "") for e in package.iter() if local(e.tag) == "meta" and e.get("name") == "cover"]
    by_name = [items[one] for one in named if one in items]
    marked = [item for item in items.values() if "cover-image" in item.get("properties", "").split()]
    return next((item.get("href", "") for item in (*marked, *by_name)), "")
