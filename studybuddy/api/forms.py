"""Forms with files (multipart/form-data), taken apart as they come: each file goes straight to the spool."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from studybuddy.errors import InvalidInputError

# What browsers write for the characters that would end the name (WHATWG HTML, "multipart form data").
_ESCAPES = (("%22", '"'), ("%0D", "\r"), ("%0A", "\n"))


@dataclass(frozen=True, slots=True)
class PartBegin:
    """A part's headers are here. `file_name` is None for a plain field."""

    field: str
    file_name: str | None


@dataclass(frozen=True, slots=True)
class PartData:
    """Some of a part's bytes."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnd:
    """A part is complete."""


Event = PartBegin | PartData | PartEnd


async def events(content_type: str, pieces: AsyncIterator[bytes]) -> AsyncIterator[Event]:
    """Yield what a form holds in the order in which it comes; raise InvalidInputError when it is malformed."""
    reader = _Reader(_boundary(content_type))
    async for piece in pieces:
        for event in reader.feed(piece):
            yield event
    reader.finish()


def is_form(content_type: str) -> bool:
    """Tell whether a body is a form that may hold files."""
    return content_type.partition(";")[0].strip().lower() == "multipart/form-data"


class _Reader:
    def __init__(self, boundary: bytes) -> None:
        self._events: list[Event] = []
        self._headers: dict[bytes, bytes] = {}
        self._name = b""
        self._value = b""
        self._is_whole = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._on_header_name,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers,
                "on_part_data": self._on_data,
                "on_part_end": self._on_end,
                "on_end": self._on_last,
            },
        )

    def feed(self, piece: bytes) -> list[Event]:
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise InvalidInputError("The form is malformed", fix="Send it as multipart/form-data.") from error
        found, self._events = self._events, []
        return found

    def finish(self) -> None:
        if not self._is_whole:
            raise InvalidInputError("The form ends in the middle", fix="Send all of it.")

    def _begin(self) -> None:
        self._headers = {}

    def _on_header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _on_headers(self) -> None:
        disposition, options = parse_options_header(self._headers.get(b"content-disposition"))
        if disposition != b"form-data":
            raise InvalidInputError("A part of the form has no Content-Disposition: form-data")
        file_name = options.get(b"filename")
        self._events.append(
            PartBegin(_text(options.get(b"name", b"")), None if file_name is None else _plain(_text(file_name)))
        )

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(PartData(data[start:end]))

    def _on_end(self) -> None:
        self._events.append(PartEnd())

    def _on_last(self) -> None:
        self._is_whole = True


def _boundary(content_type: str) -> bytes:
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not 1 <= len(boundary) <= 200:
        raise InvalidInputError("The form names no boundary", fix="Send Content-Type: multipart/form-data; boundary=…")
    return boundary


def _plain(file_name: str) -> str:
    for escape, character in _ESCAPES:
        file_name = file_name.replace(escape, character)
    return file_name


def _text(raw: bytes) -> str:
    # Browsers write names in UTF-8; some programs in Latin-1, and no name may be lost for that.
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
