"""Where files were and where they are: for other programs, whose databases still hold the old addresses."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from urllib.parse import quote, urlsplit

from studybuddy.catalog import foreign, imports, origins
from studybuddy.catalog.connection import Catalog
from studybuddy.catalog.foreign import Rewritten
from studybuddy.catalog.origins import Moved
from studybuddy.errors import ConflictError, InvalidInputError
from studybuddy.importing.addresses import Addresses, named_at_supabase
from studybuddy.importing.rewriting import Rewriter
from studybuddy.importing.tables import is_sqlite
from studybuddy.storages import Storages

_HEAD = ("old_url", "new_url", "file_id", "name", "size", "sha256")
_DEFAULT_PLACE = ("lectures", "audio_url")
_MOST_IMPORTS = 1000
_ROUTES = (
    "/object/public", "/object/sign", "/object/authenticated", "/object", "//object/public", "//object/sign",
    "/render/image/public", "/render/image/sign", "/render/image/authenticated",
)  # fmt: skip
_URI_SAFE = "/;,:@&=+$-_.!~*'()"  # what JavaScript's encodeURI leaves, but for what would end a path


@dataclass(frozen=True, slots=True)
class Exported:
    """A file's old address and its new one."""

    old_url: str
    new_url: str
    file: Moved


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What became of another program's database."""

    backup: Path | None  # None: nothing had to be changed
    columns: tuple[Rewritten, ...]
    left: tuple[tuple[str, int], ...]  # addresses in the same buckets that lead to no file here, with their counts
    not_looked_at: tuple[str, ...]  # tables that cannot be rewritten, e.g. search indexes


def exported(catalog: Catalog, storages: Storages, *, base_url: str | None = None) -> list[Exported]:
    """Return every file that came from elsewhere with its old and its new address.

    `base_url` stands before a file's key instead of its storage's own address; or it holds {id} or {key}.
    Raises ConflictError when files are where no browser can read them and none is given.
    """
    with catalog.read() as db:
        moved = list(origins.moved(db))
    found = [Exported(one.old_url, _new_url(one, base_url), one) for one in moved]
    if nowhere := [one for one in found if not one.new_url.startswith(("http://", "https://"))]:
        place = storages.label(nowhere[0].file.storage_id)
        raise ConflictError(
            f"{len(nowhere):,} of the files are in {place}, which has no address on the web",
            fix="Move them to S3, or say what their addresses begin with: --base-url.",
        )
    return found


def write_csv(found: Iterable[Exported], stream: TextIO) -> None:
    """Write a line for each file: its old address and its new one."""
    lines = csv.writer(stream, lineterminator="\n")
    lines.writerow(_HEAD)
    for one in found:
        lines.writerow((one.old_url, one.new_url, one.file.file_id, one.file.name, one.file.size, one.file.sha256))


def write_sql(found: Iterable[Exported], stream: TextIO, *, places: Sequence[tuple[str, str]]) -> None:
    """Write an UPDATE for each file and each place, a table and a column; it finds every spelling of the address."""
    stream.write("-- Standard SQL. MySQL needs this first: SET sql_mode = 'ANSI_QUOTES';\nBEGIN;\n")
    for one in found:
        exact, begun = _spellings(one.old_url)
        for table, column in places:
            stream.write(foreign.update_statement(table, column, one.new_url, exact=exact, begun=begun))
    stream.write("COMMIT;\n")


def places_of(catalog: Catalog, *, table: str | None, columns: Sequence[str]) -> list[tuple[str, str]]:
    """Return the tables and columns that hold the old addresses: those given, else those that were imported.

    A table that was imported under another name, e.g. its CSV's, has the columns that were.
    """
    if columns:
        return [(table or _DEFAULT_PLACE[0], column) for column in columns]
    imported = _imported(catalog) or [_DEFAULT_PLACE]
    if table is None:
        return imported
    own = [place for place in imported if place[0] == table]
    return own or list(dict.fromkeys((table, column) for _, column in imported))


def _imported(catalog: Catalog) -> list[tuple[str, str]]:
    """Return the tables and columns of which files were brought, the first ones first."""
    with catalog.read() as db:
        done = [one for one in imports.page(db, limit=_MOST_IMPORTS) if one.kind == "table"]
    found = {
        (one.options["table"] or Path(one.options["path"]).stem, column): None
        for one in reversed(done)
        for column in one.options["columns"]
    }
    return list(found)


def rewrite(path: Path, catalog: Catalog, found: Sequence[Exported], *, hosts: Iterable[str] = ()) -> Rewriting:
    """Put the new addresses into a SQLite file, in one transaction, after a backup copy beside it.

    `hosts` are further names of the Supabase projects' host.
    """
    if not path.is_file() or not is_sqlite(path):
        raise InvalidInputError(f"{path} is no SQLite file", fix="Export CSV or SQL for other databases.")
    if path.samefile(catalog.path):
        raise InvalidInputError(f"{path} is Study Buddy's own catalog", fix="Name the other program's database.")
    old_urls = [one.old_url for one in found]
    rewriter = Rewriter({one.old_url: one.new_url for one in found}, Addresses((), hosts=hosts, known=old_urls))
    backup, columns, left = foreign.rewrite(path.absolute(), rewriter)
    return Rewriting(backup, tuple(columns), tuple(rewriter.left.most_common()), tuple(left))


def _new_url(one: Moved, base_url: str | None) -> str:
    if base_url is None:
        return one.base_url + quote(one.key, safe="/")
    if "{id}" in base_url or "{key}" in base_url:
        return base_url.replace("{id}", str(one.file_id)).replace("{key}", one.key)
    return f"{base_url.rstrip('/')}/{one.key}"


def _spellings(old_url: str) -> tuple[list[str], list[str]]:
    """Return the spellings of an address, and what begins those that go on with a query."""
    named = named_at_supabase(old_url)
    if named is None:
        return [old_url], []
    host, bucket, key = named
    keys = dict.fromkeys((quote(key, safe="/"), *([] if set("?#") & set(key) else [quote(key, safe=_URI_SAFE), key])))
    begin = f"{urlsplit(old_url).scheme}://{host}/storage/v1"
    exact = [f"{begin}{route}/{quote(bucket)}/{one}" for route in _ROUTES for one in keys]
    return exact, [f"{text}?" for text in exact]
