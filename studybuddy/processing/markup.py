"""The words in XML and HTML, read as a stream: no tree, no entities of the file's own, nothing from elsewhere."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO

from lxml import etree

from studybuddy.processing.results import UnreadableError
from studybuddy.units import KIB

PAGE_BREAK = "\f"
DRAWN_BREAK = "\v"
"""Where a page ended when a program last showed the document. Neither character can stand in XML."""

_SPACES = re.compile(r"[ \t\r\n\f\v]+")


@dataclass(frozen=True, slots=True)
class Grammar:
    """Where the words of a format stand. All names are local: without their namespace."""

    text: frozenset[str]  # elements whose characters are words
    starts: Mapping[str, str] = field(default_factory=dict)  # what is written where an element begins
    ends: Mapping[str, str] = field(default_factory=dict)  # and where it ends
    skipped: frozenset[str] = frozenset()
    collapse: bool = False  # runs of spaces count as one, as in HTML
    kept: frozenset[str] = frozenset(("pre", "textarea"))  # where they do not


class Words:
    """What a parser tells its events to: collects the words between the tags."""

    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._parts: list[str] = []
        self._inside = self._skipped = self._kept = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = local(tag)
        if self._skipped or self.skips(name, attributes):
            self._skipped += 1
            return
        self._inside += name in self._grammar.text
        self._kept += name in self._grammar.kept
        self._parts.append(self.before(name, attributes))

    def end(self, tag: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        name = local(tag)
        self._inside -= name in self._grammar.text
        self._kept -= name in self._grammar.kept
        self._parts.append(self._grammar.ends.get(name, ""))

    def data(self, text: str) -> None:
        if self._inside > 0 and not self._skipped:
            self._parts.append(_SPACES.sub(" ", text) if self._grammar.collapse and not self._kept else text)

    def close(self) -> str:
        return "".join(self._parts)

    def skips(self, name: str, attributes: Mapping[str, str]) -> bool:
        """Tell whether nothing in the element is meant to be read."""
        return name in self._grammar.skipped

    def before(self, name: str, attributes: Mapping[str, str]) -> str:
        """Return what is written where an element begins."""
        return self._grammar.starts.get(name, "")


class StrictWords(Words):
    """The words of an office document, which never has a document type: only bombs have."""

    def doctype(self, *_: object) -> None:
        raise UnreadableError(
            "It holds a document type definition, which no program for documents writes",
            fix="Do not open it unless you know where it is from.",
        )


def xml_words(stream: IO[bytes], target: Words) -> str:
    """Return the words of an XML file."""
    parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return _fed(parser, stream)


def html_words(stream: IO[bytes], target: Words, *, encoding: str) -> str:
    """Return the words of a page, however wrong its markup is."""
    return _fed(etree.HTMLParser(target=target, encoding=encoding, no_network=True, huge_tree=False), stream)


def xml_root(content: bytes) -> etree._Element:
    """Parse a small XML file, such as a list of a document's parts."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(content, parser)


def local(tag: object) -> str:
    """Return an element's or attribute's name without its namespace."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(attributes: Mapping[str, str], name: str) -> str:
    """Return the value of the attribute of this local name; "" when there is none."""
    return next((value for key, value in attributes.items() if local(key) == name), "")


def _fed(parser: etree.XMLParser | etree.HTMLParser, stream: IO[bytes]) -> str:
    while piece := stream.read(64 * KIB):
        parser.feed(piece)
    return str(parser.close())
