"""Error pages that come in place of files: they are refused, never kept as a recording."""

from studybuddy.errors import InvalidInputError
from studybuddy.kinds import FileType, Kind

_WORDS: dict[Kind, str] = {"audio": "a recording", "image": "a picture", "document": "a document"}
_PAGES = (".html", ".htm", ".xhtml")
_FIX = "Open the address in a browser: it may have ended, or ask for a sign-in."


def check_bytes(found: FileType, name: str, *, size: int, expected: Kind | None) -> None:
    """Raise InvalidInputError for bytes that are no file of the kind that a table promises: a text, or nothing."""
    promised = _WORDS.get(expected, "") if expected else ""
    if not size:
        raise InvalidInputError(f"Nothing came where {promised or 'a file'} should be", fix=_FIX)
    if not found.content_type.startswith("text/"):
        return
    what = "A web page" if found.extension == "html" else "A text"
    if expected in ("audio", "image") or found.contradicts:
        raise InvalidInputError(f"{what} came, not {promised or 'what the name says'}: it is not kept", fix=_FIX)
    if found.extension == "html" and not name.lower().endswith(_PAGES):
        raise InvalidInputError(f"{what} came where {promised or 'a file'} should be: it is not kept", fix=_FIX)
