"""PowerPoint presentations: each slide's text with its notes, and a picture of the first."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from zipfile import ZipFile

from lxml.etree import XMLSyntaxError

from studybuddy.processing.archives import RELATION, archive, main_part, part, properties, relations, words_in
from studybuddy.processing.drawing import drawn_slide
from studybuddy.processing.markup import Grammar, StrictWords, attribute, local, xml_root
from studybuddy.processing.pictures import UNSHOWN, embedded_thumbnail, thumbnail
from studybuddy.processing.results import Derived, Facts, Page, Progress, Remark, Result
from studybuddy.processing.source import Source, damaged

_GRAMMAR = Grammar(
    text=frozenset("t"),
    starts={"br": "\n", "tab": "\t"},
    ends={"p": "\n", "sp": "\n", "pt": "\n"},
    skipped=frozenset(("Fallback", "tabLst")),
)
_ALSO_ON_A_SLIDE = ("diagramData", "chart")
_NUMBERS = ("slidenum", "datetime")


class _Words(StrictWords):
    def skips(self, name: str, attributes: Mapping[str, str]) -> bool:
        """Leave out numbers and dates that stand on every slide."""
        return super().skips(name, attributes) or (name == "fld" and attribute(attributes, "type").startswith(_NUMBERS))


def read(source: Source) -> Iterator[Result]:
    with archive(source) as opened:
        names = _slides(opened, source)
        for number, name in enumerate(names, start=1):
            yield Page(number, _slide(opened, name))
            yield Progress(number / len(names))
        if not names:
            yield Remark("There are no slides in it")
        facts = properties(opened, "docProps/core.xml")
        yield Facts({**(facts.values if facts else {}), "pages": len(names)})
        yield from _picture(opened, source, names)


def _picture(opened: ZipFile, source: Source, names: list[str]) -> Iterator[Derived]:
    """Take the deck's own picture of its first slide, or draw one."""
    own = [*embedded_thumbnail(opened, source.into)]
    yield from own
    if names and not own:
        with suppress(XMLSyntaxError, KeyError, *UNSHOWN):  # the text is what matters: it has been read
            yield thumbnail(drawn_slide(opened, main_part(opened, source), names[0]), source.into)


def _slides(opened: ZipFile, source: Source) -> list[str]:
    """Return the names of the slides' parts in the order in which they are shown."""
    main = main_part(opened, source)
    content = part(opened, main)
    if not content:
        raise damaged(source)
    listed = relations(opened, main)
    ids = [element.get(RELATION, "") for element in xml_root(content).iter() if local(element.tag) == "sldId"]
    return [listed[found][1] for found in ids if found in listed]


def _slide(opened: ZipFile, name: str) -> str:
    others = relations(opened, name).values()
    on_it = [other for kind, other in others if kind in _ALSO_ON_A_SLIDE]
    notes = [other for kind, other in others if kind == "notesSlide"]
    return "\n\n".join(_words(opened, each) for each in (name, *on_it, *notes))


def _words(opened: ZipFile, name: str) -> str:
    return words_in(opened, name, _Words(_GRAMMAR)).strip()
