"""A session on its way out: a zip that is made while it is sent, never whole in memory or on disk."""

import hashlib
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import PurePath
from typing import IO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from studybuddy.catalog import carried, plain_transcripts
from studybuddy.catalog.records import File
from studybuddy.errors import IntegrityError
from studybuddy.library import Library
from studybuddy.names import shown_name
from studybuddy.session_zip import manifest, plain, vtt
from studybuddy.session_zip.looking import Names, Packed
from studybuddy.session_zip.manifest import TranscriptEntry
from studybuddy.streams import HashingReader, chunks
from studybuddy.units import KIB, parse_time, utc_now

_PIECE_BYTES = 256 * KIB
_LOOSE = ("text/", "application/x-subrip", "application/x-ipynb+json", "image/svg+xml")  # what is worth deflating

_Part = tuple[ZipInfo, Generator[bytes]]


class Pieces:
    """A zip's bytes, made as they are read."""

    def __init__(self, made: Iterator[bytes]) -> None:
        self._made = made
        self._left = b""

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, at most `size` when it is not negative; b"" at the end."""
        piece = self._left or next((piece for piece in self._made if piece), b"")
        end = len(piece) if size < 0 else size
        self._left = piece[end:]
        return piece[:end]


def pieces(library: Library, packed: Packed) -> Generator[bytes]:
    """Yield the zip. Each file's bytes are compared with its SHA-256; raise IntegrityError for one that is damaged."""
    sink = _Sink()
    with ZipFile(cast(IO[bytes], sink), "w") as archive:
        for info, content in _parts(library, packed):
            with closing(content), archive.open(info, "w") as target:
                for piece in content:
                    target.write(piece)
                    yield sink.take()
    yield sink.take()


class _Sink:
    """Takes what a ZipFile writes, which cannot seek in it, until it is sent."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, piece: bytes) -> int:
        self._held += piece
        return len(piece)

    def flush(self) -> None:
        """Do nothing: ZipFile asks for it."""

    def take(self) -> bytes:
        taken, self._held = bytes(self._held), bytearray()
        return taken


def _parts(library: Library, packed: Packed) -> Iterator[_Part]:
    """Yield each entry with its bytes; the manifest comes last, for it tells what the others held."""
    for file, row in zip(packed.files, packed.manifest.files, strict=True):
        yield _info(row.entry, file), _file_pieces(library, file)
    transcripts = []
    for entry, text in _transcripts(library, packed):
        transcripts.append(entry)
        yield _text(entry.entry, text)
    for name, text in packed.texts.items():
        yield _text(name, text)
    yield _text(manifest.NAME, manifest.dumped(replace(packed.manifest, transcripts=transcripts)))


def _info(entry: str, file: File) -> ZipInfo:
    info = _entry(entry, file.created_at)
    info.file_size = file.size  # from 2 GiB on, the entry needs the long form
    info.compress_type = ZIP_DEFLATED if file.content_type.startswith(_LOOSE) else ZIP_STORED
    return info


def _text(entry: str, content: bytes) -> _Part:
    info = _entry(entry, utc_now())
    info.compress_type = ZIP_DEFLATED
    return info, (piece for piece in (content,))


def _entry(name: str, time: str) -> ZipInfo:
    at = parse_time(time)
    # A zip knows no time before 1980.
    return ZipInfo(name, (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second))


def _file_pieces(library: Library, file: File) -> Generator[bytes]:
    with library.open(file.id) as stream:
        try:
            yield from chunks(HashingReader(stream, size=file.size, sha256=file.sha256), _PIECE_BYTES)
        except IntegrityError as error:
            raise IntegrityError(
                f"{shown_name(file.name)} is damaged: {error}", fix="Scan its storage, and repair it or leave it out."
            ) from error


def _transcripts(library: Library, packed: Packed) -> Iterator[tuple[TranscriptEntry, bytes]]:
    numbers = {file.id: number for number, file in enumerate(packed.files)}
    names = Names("transcripts")
    for file_id, source_id in packed.transcripts:
        with library.catalog.read() as db:
            timed = plain_transcripts.has_times(db, file_id) is not False
            text = (vtt if timed else plain).dumped(carried.cues(db, file_id, source_id))
        file = packed.files[numbers[file_id]]
        source = None if file.kind == "audio" and source_id == file_id else numbers.get(source_id or 0)
        name = names.new(f"{PurePath(file.name).stem}{vtt.SUFFIX if timed else plain.SUFFIX}")
        yield TranscriptEntry(name, numbers[file_id], source, len(text), hashlib.sha256(text).hexdigest()), text
