"""What a setting's text may be. Each function returns the checked value or raises ValueError with what is wrong.

The error reads behind the variable's name: "STORAGE is 'FTP', which ...".
"""

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
StorageMode = Literal["LOCAL", "S3"]

_PLACEHOLDERS = ("your-access-key-id", "your-secret-access-key")
_YES = ("true", "yes", "on", "1")
_NO = ("false", "no", "off", "0")
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_BUCKET_STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
_BUCKET_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_REGION = re.compile(r"[A-Za-z0-9_-]{1,40}")
_PREFIX = re.compile(r"[A-Za-z0-9_=-][A-Za-z0-9._=-]*(?:/[A-Za-z0-9_=-][A-Za-z0-9._=-]*)*")
_ENDPOINT_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*")
MAX_PREFIX_LENGTH = 500  # S3 takes keys of 1,024 bytes, ours have at most 200
MAX_WORKERS = 8
MAX_OBJECT_MB = 5 * 1024 * 1024  # S3 takes objects of 5 TiB


def without_controls(value: str) -> str:
    """Return text that holds no control character."""
    if any(character < " " or character == "\x7f" for character in value):
        raise ValueError("holds a control character")
    return value


def optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """Let an empty value be None."""
    return lambda text: parse(text) if text else None


def storage_mode(text: str) -> StorageMode:
    """Return LOCAL or S3."""
    # A container's --env-file keeps the comment that stands behind the value in the seeds' example.
    match text.partition("#")[0].strip().upper():
        case "LOCAL":
            return "LOCAL"
        case "S3":
            return "S3"
    raise ValueError("is no storage mode")


def flag(text: str) -> bool:
    """Return a yes or a no."""
    if text.lower() not in _YES + _NO:
        raise ValueError("is neither true nor false")
    return text.lower() in _YES


def folder(text: str) -> Path:
    """Return a folder's absolute path; it need not be there yet."""
    try:
        path = Path(text).expanduser().absolute()
    except RuntimeError:
        raise ValueError("names the home folder of nobody here") from None
    if path.exists() and not path.is_dir():
        raise ValueError("is a file, not a folder")
    return path


def megabytes(text: str) -> int:
    """Return a whole number of MiB."""
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MAX_OBJECT_MB):
        raise ValueError(f"is no whole number between 1 and {MAX_OBJECT_MB}")
    return int(text)


def workers(text: str) -> int:
    """Return how many files are read at once; 0: none."""
    if not (text.isascii() and text.isdigit() and len(text) < 3 and int(text) <= MAX_WORKERS):
        raise ValueError(f"is no whole number between 0 and {MAX_WORKERS}")
    return int(text)


def bucket(text: str) -> str:
    """Return a name that S3's rules for buckets allow."""
    if not _BUCKET.fullmatch(text) or ".." in text:
        raise ValueError("is not 3 to 63 lowercase letters, digits, hyphens and single dots")
    if _is_ip_address(text):
        raise ValueError("is an IP address")
    if wrong := next(filter(text.startswith, _BUCKET_STARTS), ""):
        raise ValueError(f"starts with {wrong}, which S3 keeps for itself")
    if wrong := next(filter(text.endswith, _BUCKET_ENDS), ""):
        raise ValueError(f"ends with {wrong}, which S3 keeps for itself")
    return text


def _is_ip_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def region(text: str) -> str:
    """Return a region's name; compatible services have names of their own."""
    if not _REGION.fullmatch(text):
        raise ValueError("is no region's name")
    return text


def address(text: str) -> str:
    """Return scheme, host and port of an http(s) address that has nothing more."""
    found = endpoint(text)
    if urlsplit(found).path:
        raise ValueError("has more than a scheme, a host and a port")
    return found


def endpoint(text: str) -> str:
    """Return scheme, host, port and path of an http(s) address, without a slash at its end."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("has a wrong host or port") from None
    if parts.scheme not in ("http", "https") or port == 0 or not (_HOST.fullmatch(host) or _is_ip_address(host)):
        raise ValueError("is no http:// or https:// address")
    path = parts.path.rstrip("/")
    if parts.username is not None or parts.query or parts.fragment or not _ENDPOINT_PATH.fullmatch(path):
        raise ValueError("has more than a scheme, a host, a port and a plain path")
    return f"{parts.scheme}://{parts.netloc}{path}"


def prefix(text: str) -> str:
    """Return a prefix without slashes at its ends."""
    inner = text.strip("/")
    if inner and (not _PREFIX.fullmatch(inner) or len(inner) > MAX_PREFIX_LENGTH):
        raise ValueError("is no prefix that every S3 service takes")
    return inner


def language(text: str) -> str:
    """Return a language's code in lower case; empty is none."""
    if text and not (text.isascii() and text.isalpha() and len(text) in {2, 3}):
        raise ValueError("is no code of two or three letters")
    return text.lower()


def secret(text: str) -> str:
    """Return a key or token; never say it in an error."""
    if text.removesuffix("-here") in _PLACEHOLDERS:
        raise ValueError("is still the example's placeholder: put the real one there, or remove both keys")
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ValueError("holds a space or a character that no key has")
    return text


def hosts(text: str) -> tuple[str, ...]:
    """Return host names in lower case."""
    names = tuple(host for part in text.split(",") if (host := part.strip().lower()))
    if wrong := next((host for host in names if not _HOST.fullmatch(host)), ""):
        raise ValueError(f"holds {wrong!r}, which is no host name (no scheme, no port)")
    return names
