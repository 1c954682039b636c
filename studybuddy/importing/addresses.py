"""The addresses of files as databases hold them: what each means, whatever its spelling."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from studybuddy.errors import InvalidInputError
from studybuddy.settings.places import SupabaseSettings
from studybuddy.storage import Storage

# Old clients wrote `//object`. Behind the bucket comes one slash; all others are the key's own.
_SUPABASE = re.compile(
    r"/+storage/+v1/+(?:(?:object|render/image)/+(?:public/+|sign/+|authenticated/+)?|s3/+)([^/]+)/(.+)", re.DOTALL
)
_PROJECT = re.compile(r"([a-z0-9-]+)\.(?:storage\.)?supabase\.(?:co|in|red|net)")
_RENDERED = re.compile(r"(/+storage/+v1/+)render/image/")
# What signs a link for a while says nothing of where it leads.
_SIGNATURES = re.compile(
    r"(?i)token|signature|sig|expires|policy|key-pair-id|awsaccesskeyid|googleaccessid|x-(?:amz|goog)-.*"
)
_MOST = 8000  # characters


@dataclass(frozen=True, slots=True)
class Located:
    """Where a file can be had."""

    origin_url: str  # the one spelling that it is known by
    storage_id: int | None  # None: at any http(s) address
    address: str  # its key in that storage, or its URL
    name: str


class Addresses:
    """Knows the buckets of Supabase that are open, also under their projects' other host names."""

    def __init__(self, storages: Iterable[Storage], *, hosts: Iterable[str] = (), known: Iterable[str] = ()) -> None:
        """`hosts` are further names of the projects' host, e.g. a domain of one's own.

        `known` are addresses in their one spelling: their buckets need not be open any more.
        """
        self._others = {host.lower() for host in hosts}
        self._buckets: dict[tuple[str, str], tuple[int, str]] = {}
        for storage in storages:
            if isinstance(place := storage.place, SupabaseSettings):
                self._add(urlsplit(place.url).netloc, place.bucket, storage.id, base_url(place))
        for url in known:
            if named := named_at_supabase(url):
                self._add(named[0], named[1], 0, url.removesuffix(quote(named[2], safe="/")))

    def _add(self, host: str, bucket: str, storage_id: int, base: str) -> None:
        for project in (_project(host), *self._others):
            self._buckets.setdefault((project, bucket), (storage_id, base))

    def locate(self, text: str) -> Located:
        """Say where the file of an address can be had; raise InvalidInputError when it is no http(s) address."""
        url = _normal(text)
        found = self.at_supabase(url)
        if found is not None:
            return found
        parts = urlsplit(url)
        fetched = parts._replace(path=_RENDERED.sub(r"\1object/", parts.path)).geturl()
        return Located(_unsigned(fetched), None, fetched, unquote(parts.path).rpartition("/")[2])

    def at_supabase(self, text: str) -> Located | None:
        """Return the object of an open bucket that an address names, or None."""
        named = named_at_supabase(text)
        bucket = self._buckets.get((_project(named[0]), named[1])) if named else None
        if named is None or bucket is None:
            return None
        storage_id, base = bucket
        return Located(origin(base, named[2]), storage_id, named[2], named[2].rstrip("/").rpartition("/")[2])


def named_at_supabase(text: str) -> tuple[str, str, str] | None:
    """Return the host, bucket and key that an address of Supabase Storage names, or None."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return None
    match = _SUPABASE.fullmatch(parts.path)
    if parts.scheme.lower() not in ("http", "https") or match is None:
        return None
    return parts.netloc.lower(), unquote(match[1]), unquote(match[2])


def base_url(place: SupabaseSettings) -> str:
    """Return what stands before the keys of a bucket in public addresses."""
    return f"{place.url}/storage/v1/object/public/{quote(place.bucket, safe='')}/"


def origin(base: str, key: str) -> str:
    """Return the one spelling of an object's address."""
    return base + quote(key, safe="/")


def _project(host: str) -> str:
    """Return what all host names of one project have in common."""
    match = _PROJECT.fullmatch(host.lower())
    return f"{match[1]}.supabase" if match else host.lower()


def _normal(text: str) -> str:
    url = text.strip()
    try:
        parts = urlsplit(url)
        valid = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if valid and parts.username is not None:
        raise InvalidInputError("It holds a user's name, and none is sent", fix="Take it out of its table.")
    if not valid or len(url) > _MOST:
        raise InvalidInputError("It is no http:// or https:// address", fix="Correct it in its table.")
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), fragment="").geturl()


def _unsigned(url: str) -> str:
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, True) if not _SIGNATURES.fullmatch(name)]
    return parts._replace(query=urlencode(query)).geturl()
