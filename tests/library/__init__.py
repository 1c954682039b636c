"""A library of all kinds of files, made anew: `python -m tests.library FOLDER`. Each has words of its own to be found.

A folder is a session. LibreOffice and espeak-ng, where they are installed, make real documents and spoken lectures;
without them, documents come from smaller programs and tones stand for speech, with the same words in the same places.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.library import office, reading, sounds
from tests.library.subjects import SUBJECTS, Place, Words

_FURTHER_RECORDINGS = sounds.RECORDINGS[len(SUBJECTS) :]


@dataclass(frozen=True, slots=True)
class Made:
    """One file, and what must be found in it."""

    session: str
    name: str
    places: tuple[Place, ...] = ()


def make_library(folder: Path, *, quick: bool = False) -> list[Made]:
    """Write at least 60 files of all kinds, ten of them lectures with captions; `quick`: without those programs."""
    library = _Library(folder, quick=quick)
    for number, subject in enumerate(SUBJECTS):
        library.subject(number, subject)
    library.documents()
    library.further()
    return library.made


class _Library:
    """The files as they are made."""

    def __init__(self, folder: Path, *, quick: bool) -> None:
        self._quick = quick
        self.made: list[Made] = []
        self._folder = folder
        self._words = Words()
        self._pages: dict[str, dict[str, list[str]]] = {}  # of documents that are made together, by format
        self._bytes: dict[str, dict[str, bytes]] = {}

    def subject(self, number: int, subject: str) -> None:
        (self._folder / subject).mkdir(parents=True)
        self._lecture(number, subject)
        self._slides("odp" if number % 2 else "pptx", subject)
        self._essay("odt" if number % 2 else "docx", subject)
        self._essay("pdf", subject)
        self._table(("xlsx", "ods", "csv")[number % 3], subject)
        name = [*reading.READINGS][number % len(reading.READINGS)]
        place, text = self._text(SUBJECTS[subject][0], page=1)
        self._put(subject, name, reading.READINGS[name](text), [place])
        self._picture(reading.PICTURES[number % len(reading.PICTURES)], subject)

    def documents(self) -> None:
        """Write what is made from other documents, one format at once: LibreOffice takes seconds to start."""
        for extension, documents in self._bytes.items():
            for name, content in office.many(extension, documents, self._pages[extension], quick=self._quick).items():
                number = int(Path(name).stem)
                made = self.made[number]
                (self._folder / made.session / made.name).write_bytes(content)

    def further(self) -> None:
        """Write recordings of the formats that are left, and a document of which only pictures were kept."""
        session = next(iter(SUBJECTS))
        for extension in _FURTHER_RECORDINGS:
            self._put(session, f"Memo.{extension}", b"", [])
            sounds.write_recording(self._folder / session / f"Memo.{extension}", sounds.tone(3))
        self._put(session, "Scanned.pdf", reading.scan("Reading", pages=2), [])

    def _lecture(self, number: int, subject: str) -> None:
        found = [self._text(sentence) for sentence in SUBJECTS[subject]]
        spoken = sounds.lecture([text for _, text in found], quick=self._quick)
        extension = sounds.RECORDINGS[number]
        self._put(subject, f"{subject}.{extension}", b"", [])
        sounds.write_recording(self._folder / subject / f"{subject}.{extension}", spoken.samples)
        places = [
            Place(place.word, at_ms=said.start_ms) for (place, _), said in zip(found, spoken.sentences, strict=True)
        ]
        written = sounds.srt(spoken) if number % 2 else sounds.vtt(spoken)
        self._put(subject, f"{subject}.{'srt' if number % 2 else 'vtt'}", written.encode(), places)

    def _slides(self, extension: str, subject: str) -> None:
        found = [self._text(sentence, page=page) for page, sentence in enumerate(SUBJECTS[subject], start=1)]
        notes = [self._text("To be said", page=page) for page in range(1, len(found) + 1)]
        texts = [f"{text}\n{note}" for (_, text), (_, note) in zip(found, notes, strict=True)]
        deck = partial(office.pptx, subject, [(text, note) for (_, text), (_, note) in zip(found, notes, strict=True)])
        places = [place for place, _ in (*found, *notes)]
        self._document(f"Slides.{extension}", subject, places, (deck, "pptx", texts))

    def _essay(self, extension: str, subject: str) -> None:
        found = [self._text(sentence, page=page) for page, sentence in enumerate(SUBJECTS[subject][:3], start=1)]
        texts = [text for _, text in found]
        essay = partial(office.docx, subject, texts)
        name = "Handout.pdf" if extension == "pdf" else f"Essay.{extension}"
        self._document(name, subject, [place for place, _ in found], (essay, "docx", texts))

    def _table(self, extension: str, subject: str) -> None:
        found = [self._text(sentence, page=page) for page, sentence in enumerate(SUBJECTS[subject][:2], start=1)]
        places, texts = [place for place, _ in found], [text for _, text in found]
        if extension == "csv":
            out = io.StringIO()
            csv.writer(out).writerows([[text, 1.5] for text in texts])
            self._put(subject, "Table.csv", out.getvalue().encode(), [Place(place.word, page=1) for place in places])
        else:
            book = partial(office.xlsx, {f"Sheet {page}": [text] for page, text in enumerate(texts, start=1)})
            self._document(f"Table.{extension}", subject, places, (book, "xlsx", texts))

    def _picture(self, extension: str, subject: str) -> None:
        place, text = self._text("Leaf", page=1)
        content = reading.picture(extension, text)
        self._put(subject, f"Picture.{extension}", content, [place] if extension == "svg" else [])

    def _text(self, sentence: str, *, page: int | None = None) -> tuple[Place, str]:
        word = self._words.next()
        return Place(word, page=page), f"{sentence} {word}."

    def _document(
        self, name: str, subject: str, places: list[Place], made: tuple[Callable[[], bytes], str, list[str]]
    ) -> None:
        make, extension, pages = made
        wanted = Path(name).suffix[1:]
        content = b"" if self._quick and wanted != extension else make()
        self._put(subject, name, content, places)
        if wanted != extension:
            key = f"{len(self.made) - 1}.{extension}"
            self._bytes.setdefault(wanted, {})[key] = content
            self._pages.setdefault(wanted, {})[key] = pages

    def _put(self, session: str, name: str, content: bytes, places: list[Place]) -> None:
        (self._folder / session / name).write_bytes(content)
        self.made.append(Made(session, name, tuple(places)))
