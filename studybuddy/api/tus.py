"""The headers of tus 1.0.0, the protocol of resumable uploads (https://tus.io/protocols/resumable-upload)."""

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from email.utils import format_datetime

from starlette.requests import Request

from studybuddy.adding.upload_records import Upload
from studybuddy.api.errors import HttpError
from studybuddy.errors import InvalidInputError
from studybuddy.slices import ALGORITHMS
from studybuddy.units import parse_time

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,checksum,expiration"
SLICE_TYPE = "application/offset+octet-stream"
_NUMBER = re.compile(r"[0-9]{1,18}")
_KEY = re.compile(r"[!-+\--~]+")  # visible ASCII but the comma


def capabilities(max_size: int) -> dict[str, str]:
    """Return what this server can do, as OPTIONS tells it."""
    return {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(max_size),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }


def check_version(request: Request) -> None:
    """Raise HttpError (412) when a client speaks no version that we do."""
    if request.headers.get("tus-resumable") != VERSION:
        raise HttpError(
            412, "tus_version", "This server speaks tus 1.0.0", fix="Send Tus-Resumable: 1.0.0.",
            headers={"Tus-Version": VERSION},
        )  # fmt: skip


def check_slice_type(request: Request) -> None:
    """Raise HttpError (415) when a body is not called a slice."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != SLICE_TYPE:
        raise HttpError(415, "media_type", "The body must be a slice", fix=f"Send Content-Type: {SLICE_TYPE}.")


def number(request: Request, name: str) -> int:
    """Return a header that must be a number of bytes."""
    value = request.headers.get(name, "")
    if not _NUMBER.fullmatch(value):
        raise InvalidInputError(f"{name} must be a whole number of bytes")
    return int(value)


def metadata(request: Request) -> dict[str, str]:
    """Read Upload-Metadata: pairs of a key and a text in base64, with commas between them."""
    found: dict[str, str] = {}
    header = request.headers.get("upload-metadata", "")
    for pair in header.split(",") if header.strip() else []:
        key, _, value = pair.strip().partition(" ")
        if not _KEY.fullmatch(key) or key in found:
            raise InvalidInputError("Upload-Metadata has an empty, a doubled or a strange key")
        try:
            found[key] = b64decode(value.strip(), validate=True).decode()
        except ValueError as error:
            raise InvalidInputError(f"Upload-Metadata: {key} is not UTF-8 in base64") from error
    return found


def metadata_header(metadata: Mapping[str, str]) -> str:
    """Write Upload-Metadata as the client gave it."""
    pairs = [f"{key} {b64encode(value.encode()).decode()}".rstrip() for key, value in metadata.items()]
    return ",".join(pairs)


def standing(upload: Upload) -> dict[str, str]:
    """Return where an upload stands and until when it is kept."""
    headers = {"Upload-Offset": str(upload.offset)}
    if upload.state == "receiving":
        headers["Upload-Expires"] = format_datetime(parse_time(upload.expires_at), usegmt=True)
    return headers
