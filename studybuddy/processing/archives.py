"""Documents that are ZIP archives: opened only when what they would grow to is bearable."""

from collections.abc import Iterator
from contextlib import contextmanager
from posixpath import dirname, join, normpath
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile

from studybuddy.processing.markup import Words, local, xml_root, xml_words
from studybuddy.processing.results import Facts
from studybuddy.processing.source import Source, damaged, locked, too_large
from studybuddy.units import KIB, MIB, size_text

MAX_ENTRIES = 20_000
MAX_TEXT_BYTES = 256 * MIB
MAX_TEXT_PART_BYTES = 64 * MIB
MAX_PART_BYTES = 32 * MIB
_TEXT_PARTS = (".xml", ".rels", ".xhtml", ".html", ".htm", ".opf", ".ncx", ".vml")
_OLE = b"\xd0\xcf\x11\xe0"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
"""The attribute by which an element names a relation."""

_PROPERTIES = {"title": "title", "creator": "author", "initial-creator": "author"}


@contextmanager
def archive(source: Source) -> Iterator[ZipFile]:
    """Open a document; what is too large, locked or no archive is refused before anything of it is unpacked."""
    with source.path.open("rb") as stream:
        if stream.read(4) == _OLE:
            raise locked(source)
    try:
        opened = ZipFile(source.path)
    except BadZipFile as error:
        raise damaged(source) from error
    with opened:
        _look(opened, source)
        yield opened


def _look(opened: ZipFile, source: Source) -> None:
    entries = opened.infolist()
    if len(entries) > MAX_ENTRIES:
        raise too_large(f"It has {len(entries):,} parts, more than a document has")
    if any(entry.flag_bits & 1 for entry in entries):
        raise locked(source)
    # Python's zipfile gives no more of a part than its directory announces.
    text_bytes = sum(entry.file_size for entry in entries if entry.filename.lower().endswith(_TEXT_PARTS))
    if text_bytes > MAX_TEXT_BYTES:
        raise too_large(f"Its text would unpack to {size_text(text_bytes)}")


def part(opened: ZipFile, name: str, *, limit: int = MAX_PART_BYTES) -> bytes:
    """Return a small part's bytes; b"" when there is none, or when it is larger than `limit`."""
    try:
        entry = opened.getinfo(name)
    except KeyError:
        return b""
    return opened.read(entry) if entry.file_size <= limit else b""


def words_in(opened: ZipFile, name: str, target: Words) -> str:
    """Return the words of a part."""
    entry = opened.getinfo(name)
    if entry.file_size > MAX_TEXT_PART_BYTES:
        raise too_large(f"A part of it would unpack to {size_text(entry.file_size)}")
    with opened.open(entry) as stream:
        return xml_words(stream, target)


def relations(opened: ZipFile, name: str) -> dict[str, tuple[str, str]]:
    """Return what an OOXML part refers to, by id: the last word of the relation's type, and the other part's name."""
    content = part(opened, join(dirname(name), "_rels", name.rpartition("/")[2] + ".rels"))
    if not content:
        return {}
    found: dict[str, tuple[str, str]] = {}
    for relation in xml_root(content):
        target = relation.get("Target", "")
        if relation.get("TargetMode") != "External":
            found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], resolved(name, target))
    return found


def resolved(base: str, target: str) -> str:
    """Return the whole name of what a part calls `target`."""
    return normpath(join("/", dirname(base), unquote(target))).lstrip("/")


def main_part(opened: ZipFile, source: Source) -> str:
    """Return the name of the part that an OOXML document begins with."""
    for relation, name in relations(opened, "").values():
        if relation == "officeDocument":
            return name
    raise damaged(source)


def properties(opened: ZipFile, name: str) -> Facts | None:
    """Return title and author as `docProps/core.xml` or `meta.xml` tells them."""
    content = part(opened, name, limit=512 * KIB)
    if not content:
        return None
    found: dict[str, str] = {}
    for element in xml_root(content).iter():
        known = _PROPERTIES.get(local(element.tag))
        if known and element.text and element.text.strip():
            found.setdefault(known, element.text.strip()[:500])
    return Facts(found) if found else None
