"""`storages.toml`: more storages than the settings have room for, e.g. an old bucket or a second provider."""

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from studybuddy.errors import SettingsError
from studybuddy.settings import values
from studybuddy.settings.places import (
    LocalSettings,
    NamedPlace,
    PlaceSettings,
    S3Settings,
    Secret,
    SupabaseSettings,
    Wording,
)
from studybuddy.settings.providers import endpoint, region_of

T = TypeVar("T")

OWN_NAMES = ("local", "s3", "supabase", "default")  # those of the settings
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_S3_NAMES = {
    "STUDY_BUDDY_BUCKET_NAME": "bucket", "S3_ENDPOINT_URL": "endpoint_url", "AWS_REGION": "region",
    "AWS_ACCESS_KEY_ID": "access_key_id_env", "AWS_SECRET_ACCESS_KEY": "secret_access_key_env",
    "AWS_SESSION_TOKEN": "session_token_env",
}  # fmt: skip
_SUPABASE_NAMES = {"SUPABASE_URL": "url", "SUPABASE_BUCKET": "bucket", "SUPABASE_SERVICE_KEY": "service_key_env"}
_OLD = re.compile(r"(?:local|s3|supabase)-\d+")


def read_storages(path: Path, find: Callable[[str], str]) -> tuple[NamedPlace, ...]:
    """Return the storages that a file names; none when it is not there.

    `find` gives a variable's value, "" when it is not set: secrets stand in variables, the file says which. A storage
    whose variables are not set says so in its place.
    Raises SettingsError with the table's and the key's name.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}", fix=f"Make {path} readable.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} is no TOML text: {error}", fix='Write [name], then key = "value" lines.') from None
    return tuple(_place(path, name, table, find) for name, table in tables.items())


def _place(path: Path, name: str, table: object, find: Callable[[str], str]) -> NamedPlace:
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: {name} stands outside a table", fix="Put it under a [name] of a storage.")
    if not _NAME.fullmatch(name) or name in OWN_NAMES or _OLD.fullmatch(name):
        fix = f"Take small letters, digits and hyphens; {', '.join(OWN_NAMES)} are those of the settings."
        raise SettingsError(f"{path}: a storage cannot be called {name!r}", fix=fix)
    return NamedPlace(name, _Table(path, name, table, find).place())


class _Table:
    """One table of the file, whose keys are taken out one by one."""

    def __init__(self, path: Path, name: str, table: Mapping[str, Any], find: Callable[[str], str]) -> None:
        self._where = f"{path}: [{name}]"
        self._name = name
        self._variables: dict[str, str] = {}  # those that hold secrets, by the keys that name them
        self._unset: list[str] = []
        self._left = dict(table)
        self._find = find

    def place(self) -> PlaceSettings:
        """Return what the table says."""
        kind = self._take("kind", "s3, local or supabase", _kind, default="s3")
        readers: dict[str, Callable[[], PlaceSettings]] = {
            "s3": self._s3, "local": self._local, "supabase": self._supabase,
        }  # fmt: skip
        place = readers[kind]()
        if self._left:
            wrong = next(iter(self._left))
            raise SettingsError(f"{self._where} has {wrong!r}, which no {kind} storage has", fix="Remove or rename it.")
        return place

    def _local(self) -> LocalSettings:
        return LocalSettings(self._take("folder", "a folder of this computer", values.folder))

    def _s3(self) -> S3Settings:
        key_id, secret_key = self._secret("access_key_id"), self._secret("secret_access_key")
        session_token = self._secret("session_token")
        if (key_id is None) != (secret_key is None):
            fix = "Name both access_key_id_env and secret_access_key_env, or neither."
            raise SettingsError(f"{self._where} has only one half of a pair of keys", fix=fix)
        endpoint_url = self._take("endpoint_url", "http(s)://host[:port]", values.optional(endpoint), default="")
        return S3Settings(
            bucket=self._take("bucket", "the bucket's name", values.bucket),
            region=self._take("region", "the bucket's region", values.region, default=region_of(endpoint_url)),
            endpoint_url=endpoint_url,
            prefix=self._take("prefix", "letters, digits and . _ = - in parts split by /", values.prefix, default=""),
            access_key_id=key_id.reveal() if key_id else None,
            secret_access_key=secret_key,
            session_token=session_token,
            public_read=self._flag("public_read"),
            unset=tuple(self._unset),
            wording=self._wording(_S3_NAMES),
        )

    def _supabase(self) -> SupabaseSettings:
        service_key = self._secret("service_key")
        if service_key is None:
            fix = 'Write service_key_env = "VARIABLE" and set that variable.'
            raise SettingsError(f"{self._where} has no service key", fix=fix)
        return SupabaseSettings(
            url=self._take("url", "the project's http(s) URL", values.address),
            bucket=self._take("bucket", "the name of a Supabase bucket", str),
            service_key=service_key,
            unset=tuple(self._unset),
            wording=self._wording(_SUPABASE_NAMES),
        )

    def _wording(self, names: Mapping[str, str]) -> Wording:
        """Return what the place's settings are called, by what they are called in `.env`."""
        where = f"of [{self._name}] in storages.toml"
        return Wording(
            self._name, tuple((ours, self._variables.get(key, f"{key} {where}")) for ours, key in names.items())
        )

    def _take(self, key: str, takes: str, parse: Callable[[str], T], *, default: str | None = None) -> T:
        value = self._left.pop(key, default)
        if value is None:
            raise SettingsError(f"{self._where} has no {key}", fix=f"It takes {takes}.")
        if not isinstance(value, str):
            raise SettingsError(f"{self._where}: {key} is no text", fix=f"It takes {takes}, in quotes.")
        try:
            return parse(values.without_controls(value))
        except ValueError as error:
            hidden = "it" if "@" in value else repr(value)  # an address may hold a password
            raise SettingsError(f"{self._where}: {key} is {hidden}, which {error}", fix=f"It takes {takes}.") from None

    def _flag(self, key: str) -> bool:
        value = self._left.pop(key, False)
        if not isinstance(value, bool):
            raise SettingsError(
                f"{self._where}: {key} is neither true nor false", fix="Write true or false, no quotes."
            )
        return value

    def _secret(self, key: str) -> Secret | None:
        """Return the value of the variable that `key`_env names; None when it names none."""
        if key in self._left:
            fix = f'Put it into a variable of the environment or of .env, and write {key}_env = "ITS_NAME".'
            raise SettingsError(f"{self._where} holds {key} itself: secrets do not belong into this file", fix=fix)
        name = self._left.pop(f"{key}_env", None)
        if name is None:
            return None
        if not isinstance(name, str) or not name:
            fix = 'Write the name of a variable, in quotes: "OLD_KEY".'
            raise SettingsError(f"{self._where}: {key}_env names no variable", fix=fix)
        self._variables[f"{key}_env"] = name
        value = self._find(name)
        if not value:  # this storage alone cannot be used; a person who starts the app may need all others
            self._unset.append(name)
            return Secret("")
        try:
            return Secret(values.secret(value))
        except ValueError as error:
            raise SettingsError(f"{name} (named by {self._where}) {error}", fix=f"Change {name}.") from None


def _kind(text: str) -> str:
    if text not in ("s3", "local", "supabase"):
        raise ValueError("is no kind of storage")
    return text
