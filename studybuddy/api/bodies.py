"""Bodies that are files: one whole body, or a form with several, each saved as soon as its bytes are here."""

from collections.abc import AsyncIterator
from urllib.parse import unquote_to_bytes

from studybuddy.adding.new_files import Added, NewFile
from studybuddy.api import forms
from studybuddy.api.operations import Call
from studybuddy.api.receiving import Landing, announced_length, check_size, gathered, landing, steady
from studybuddy.api.threads import in_thread
from studybuddy.errors import InvalidInputError, StudyBuddyError, TooLargeError
from studybuddy.units import KIB, MIB

MAX_FORM_FILES = 1000
_FORM_OVERHEAD_BYTES = 64 * KIB
_MAX_FIELD_BYTES = MIB

Outcome = Added | StudyBuddyError


async def receive_one(call: Call, *, session_id: int, lecture_id: int | None = None) -> Added:
    """Save the one file of a request: the body, or a form's first file."""
    if not is_form(call):
        return await receive_body(call, session_id=session_id, lecture_id=lecture_id)
    limit = call.wiring.settings.max_upload_bytes
    if announced_length(call.header("content-length")) > limit + _FORM_OVERHEAD_BYTES:
        check_size(limit + 1, limit)
    async for _, outcome in receive_form(call, session_id=session_id, lecture_id=lecture_id):
        if isinstance(outcome, StudyBuddyError):
            raise outcome
        return outcome
    raise InvalidInputError("The form holds no file", fix="Send it as a part with a file name.")


async def receive_body(call: Call, *, session_id: int, lecture_id: int | None = None) -> Added:
    """Save the body as a file, under the name in X-File-Name."""
    new = NewFile(_raw_name(call), session_id, lecture_id=lecture_id)
    length = announced_length(call.header("content-length"))
    check_size(length, call.wiring.settings.max_upload_bytes)
    async with landing(call.wiring, length=length) as place:
        async for piece in gathered(steady(call.request.stream())):
            await in_thread(place.write, piece)
        return await in_thread(place.save, new)


async def receive_form(
    call: Call, *, session_id: int, lecture_id: int | None = None
) -> AsyncIterator[tuple[str, Outcome]]:
    """Save each file of a form and yield its name and what became of it; one that fails does not lose the rest.

    Plain fields are passed over. Raises InvalidInputError for a malformed form.
    """
    parts = _Parts(forms.events(call.header("content-type") or "", steady(call.request.stream())))
    count = 0
    while (name := await parts.next_file()) is not None:
        count += 1
        if count > MAX_FORM_FILES:
            raise InvalidInputError(f"A form takes at most {MAX_FORM_FILES} files", fix="Send the rest in another.")
        new = NewFile(name, session_id, lecture_id=lecture_id)
        async with landing(call.wiring) as place:
            outcome = await _save_part(parts, place, new)
        yield name, outcome


def is_form(call: Call) -> bool:
    return forms.is_form(call.header("content-type") or "")


class _Parts:
    """The parts of a form, one after the other."""

    def __init__(self, events: AsyncIterator[forms.Event]) -> None:
        self._events = events

    async def next_file(self) -> str | None:
        """Go on to the next file; return its name, or None at the form's end."""
        field_bytes = 0
        async for event in self._events:
            if isinstance(event, forms.PartBegin) and event.file_name is not None:
                return event.file_name
            if isinstance(event, forms.PartData):
                field_bytes += len(event.data)
                if field_bytes > _MAX_FIELD_BYTES:
                    raise TooLargeError("The plain fields of the form are larger than 1 MiB")
        return None

    async def data(self) -> AsyncIterator[bytes]:
        """Yield the bytes of the file that is open, to its end."""
        async for event in self._events:
            if not isinstance(event, forms.PartData):
                return
            yield event.data


async def _save_part(parts: _Parts, place: Landing, new: NewFile) -> Outcome:
    failure: StudyBuddyError | None = None
    async for piece in gathered(parts.data()):
        if failure is None:  # else the rest of this file only has to pass, so that the next one comes
            try:
                await in_thread(place.write, piece)
            except StudyBuddyError as error:
                failure = error
    if failure is not None:
        return failure
    try:
        return await in_thread(place.save, new)
    except StudyBuddyError as error:
        return error


def _raw_name(call: Call) -> str:
    header = call.header("x-file-name")
    if not header:
        raise InvalidInputError(
            "The file has no name", fix="Give it in X-File-Name, in percent-encoded UTF-8, or send a form."
        )
    try:
        return unquote_to_bytes(header.encode("latin-1")).decode()
    except UnicodeDecodeError as error:
        raise InvalidInputError("X-File-Name is not UTF-8", fix="Percent-encode the name's UTF-8 bytes.") from error
