"""What the person who runs Study Buddy has chosen: read from the environment and `.env`, checked, never guessed."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TypeVar

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from studybuddy.errors import SettingsError
from studybuddy.settings import values
from studybuddy.settings.places import NamedPlace, S3Settings, Secret, SupabaseSettings, TranscribeSettings
from studybuddy.settings.providers import endpoint, region_of
from studybuddy.settings.storages_file import read_storages
from studybuddy.settings.values import StorageMode
from studybuddy.units import MIB

T = TypeVar("T")

AWS_CHAIN = "found by AWS's own chain (profile, role) when needed"
_OWN_PREFIX = "STUDY_BUDDY_"
_OWN_NAMES = (
    "STUDY_BUDDY_ALLOW_HOSTS", "STUDY_BUDDY_BUCKET_NAME", "STUDY_BUDDY_DATA", "STUDY_BUDDY_HOSTS",
    "STUDY_BUDDY_WORKERS",
)  # fmt: skip
_BUCKET_NAMES = ("STUDY_BUDDY_BUCKET_NAME", "AWS_S3_BUCKET")
_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "SUPABASE_SERVICE_KEY", "TRANSCRIBE_API_KEY")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as it is shown to a person."""

    name: str
    value: str  # masked when it is a secret
    source: str
    takes: str
    secret: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings in force."""

    storage_mode: StorageMode
    uploads_dir: Path
    data_dir: Path
    s3: S3Settings | None  # set whenever a bucket is named, in either mode
    supabase: SupabaseSettings | None
    transcribe: TranscribeSettings | None
    more: tuple[NamedPlace, ...]  # those of storages.toml
    max_upload_bytes: int
    allowed_hosts: tuple[str, ...]
    import_hosts: tuple[str, ...]  # files may be fetched from these even where they are not public
    workers: int  # how many files are read at once
    in_force: tuple[Setting, ...]
    warnings: tuple[str, ...] = ()


def load_settings(environ: Mapping[str, str] | None = None, *, env_file: Path = Path(".env")) -> Settings:
    """Read the settings, and `storages.toml` beside `env_file`; the environment wins.

    Raises SettingsError at the first wrong value.
    """
    in_file = _read_env_file(env_file)
    source = _Source(os.environ if environ is None else environ, in_file)
    source.refuse_unknown_names()
    mode, uploads_dir, data_dir = _places(source)
    s3 = _s3(source)
    supabase = _supabase(source)
    transcribe = _transcribe(source)
    max_upload_mb = source.read("MAX_UPLOAD_MB", "the largest file, in MiB", values.megabytes, default="10240")
    hosts, import_hosts = _hosts(source)
    takes = f"how many files the app reads at once, 0 to {values.MAX_WORKERS}"
    workers = source.read("STUDY_BUDDY_WORKERS", takes, values.workers, default="1")
    _refuse_contradictions(mode, s3, uploads_dir, data_dir)
    return Settings(
        storage_mode=mode,
        uploads_dir=uploads_dir,
        data_dir=data_dir,
        s3=s3,
        supabase=supabase,
        transcribe=transcribe,
        more=read_storages(env_file.with_name("storages.toml"), lambda name: source.find(name)[0]),
        max_upload_bytes=max_upload_mb * MIB,
        allowed_hosts=hosts,
        import_hosts=import_hosts,
        workers=workers,
        in_force=tuple(source.shown),
        warnings=_warnings(env_file, in_file),
    )


class _Source:
    """Finds variables in the environment, then in `.env`; keeps what is to be shown of each."""

    def __init__(self, environ: Mapping[str, str], in_file: Mapping[str, str]) -> None:
        self._places = (("environment", environ), (".env", in_file))
        self.shown: list[Setting] = []

    def find(self, name: str) -> tuple[str, str]:
        """Return a variable's value and where it is set; both are empty when it is not."""
        for place, variables in self._places:
            if value := variables.get(name, "").strip():
                return value, place
        return "", ""

    def first_set(self, *names: str) -> str:
        """Return the first of several names for one setting that is set, or the first of all."""
        return next((name for name in names if self.find(name)[0]), names[0])

    def read(  # noqa: PLR0913
        self,
        name: str,
        takes: str,
        parse: Callable[[str], T],
        *,
        default: str = "",
        unset: str = "not set",
        secret: bool = False,
    ) -> T:
        """Return a checked value. `parse` raises ValueError with what is wrong, and is given "" for no value."""
        value, place = self.find(name)
        try:
            parsed = parse(values.without_controls(value) or default)
        except ValueError as error:
            hidden = secret or "@" in value  # an address may hold a password
            what = f"{name} (in {_the(place)})" if hidden else f"{name} is {value!r} (in {_the(place)}), which"
            fix = f"Change {name} in {_the(place)} and start again."
            raise SettingsError(f"{what} {error}. It takes {takes}.", fix=fix) from None
        text = str(parsed) if isinstance(parsed, str | Path | Secret) else value or default
        self.shown.append(Setting(name, text, place or ("default" if default else unset), takes, secret))
        return parsed

    def refuse_unknown_names(self) -> None:
        for place, variables in self._places:
            for name in sorted(variables):
                if name.startswith(_OWN_PREFIX) and name not in _OWN_NAMES:
                    import difflib  # noqa: PLC0415  only for this message

                    close = difflib.get_close_matches(name, _OWN_NAMES, n=1)
                    meant = f"Did you mean {close[0]}?" if close else f"There are {', '.join(_OWN_NAMES)}."
                    fix = f"{meant} Rename or remove {name} in {_the(place)}."
                    raise SettingsError(f"{name} (in {_the(place)}) is no setting of Study Buddy", fix=fix)


def _read_env_file(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8 text", fix=f"Save {path} again as UTF-8.") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}", fix=f"Make {path} readable.") from error
    for line in parse_stream(StringIO(text)):
        if line.error:  # the line itself stays unsaid: it may hold a secret
            before = line.original.string.removesuffix(line.original.string.lstrip())
            number = line.original.line + before.count("\n")
            raise SettingsError(f"{path} is malformed at line {number}", fix="Write NAME=value, with quotes closed.")
    return {name: value or "" for name, value in dotenv_values(stream=StringIO(text)).items()}


def _places(source: _Source) -> tuple[StorageMode, Path, Path]:
    """Return where new files go, and the folders of the files and of the catalog."""
    mode = source.read("STORAGE", "LOCAL or S3: where new files go", values.storage_mode, default="LOCAL")
    uploads_dir = source.read("UPLOADS_DIR", "a folder for files on this computer", values.folder, default="./uploads")
    data_dir = source.read("STUDY_BUDDY_DATA", "a folder for the catalog", values.folder, default="./data")
    return mode, uploads_dir, data_dir


def _hosts(source: _Source) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the host names under which browsers reach the app, and those that files may be imported from."""
    hosts = source.read("STUDY_BUDDY_HOSTS", "more host names of this app, separated by commas", values.hosts)
    takes = "host names of this network that files may be imported from, separated by commas"
    return hosts, source.read("STUDY_BUDDY_ALLOW_HOSTS", takes, values.hosts)


def _s3(source: _Source) -> S3Settings | None:
    bucket = _bucket(source)
    endpoint_url = source.read("S3_ENDPOINT_URL", "http(s)://host[:port] (AWS: none)", values.optional(endpoint))
    name = source.first_set("AWS_REGION", "AWS_DEFAULT_REGION")
    region = source.read(name, "the bucket's region, e.g. eu-west-1", values.region, default=region_of(endpoint_url))
    prefix = source.read("S3_PREFIX", "letters, digits and . _ = - in parts split by /", values.prefix)
    key_id, secret_key, token = _keys(source)
    public = source.read("PUBLIC_READ", "true or false: may anyone read the files", values.flag, default="false")
    if bucket is None:
        return None
    return S3Settings(
        bucket=bucket,
        region=region,
        endpoint_url=endpoint_url,
        prefix=prefix,
        access_key_id=key_id.reveal() if key_id else None,
        secret_access_key=secret_key,
        session_token=token,
        public_read=public,
    )


def _bucket(source: _Source) -> str | None:
    found = {name: source.find(name)[0] for name in _BUCKET_NAMES}
    if len({value for value in found.values() if value}) > 1:
        both = " and ".join(f"{name} is {value!r}" for name, value in found.items())
        raise SettingsError(f"{both}: they name one bucket and differ", fix="Keep one of them and remove the other.")
    name = source.first_set(*_BUCKET_NAMES)
    other = next(other for other in _BUCKET_NAMES if other != name)
    return source.read(name, f"the name of an S3 bucket (also as {other})", values.optional(values.bucket))


def _keys(source: _Source) -> tuple[Secret | None, Secret | None, Secret | None]:
    key_id = source.read("AWS_ACCESS_KEY_ID", "an access key's id", _secret, unset=AWS_CHAIN, secret=True)
    secret_key = source.read("AWS_SECRET_ACCESS_KEY", "an access key's secret", _secret, unset=AWS_CHAIN, secret=True)
    token = source.read("AWS_SESSION_TOKEN", "the token of temporary keys", _secret, secret=True)
    if (key_id is None) != (secret_key is None):
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        there, missing = names if key_id else names[::-1]
        raise SettingsError(f"{there} is set, but {missing} is not", fix=f"Set {missing} too, or remove {there}.")
    if token and key_id is None:
        fix = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY too, or remove AWS_SESSION_TOKEN."
        raise SettingsError("AWS_SESSION_TOKEN is set, but the keys that it belongs to are not", fix=fix)
    return key_id, secret_key, token


def _supabase(source: _Source) -> SupabaseSettings | None:
    url = source.read("SUPABASE_URL", "the project's http(s) URL", values.optional(values.address))
    key = source.read("SUPABASE_SERVICE_KEY", "the project's service key", _secret, secret=True)
    bucket = source.read("SUPABASE_BUCKET", "the name of a Supabase bucket", values.optional(str))
    if url and key and bucket:
        return SupabaseSettings(url=url, bucket=bucket, service_key=key)
    found = {"SUPABASE_URL": url, "SUPABASE_SERVICE_KEY": key, "SUPABASE_BUCKET": bucket}
    there, missing = ([name for name in found if bool(found[name]) is given] for given in (True, False))
    if there:
        fix = f"Set {' and '.join(missing)} too, or remove {' and '.join(there)}."
        raise SettingsError(f"{' and '.join(there)} is set, but {' and '.join(missing)} is not", fix=fix)
    return None


def _transcribe(source: _Source) -> TranscribeSettings | None:
    takes = "the http(s) address of a service, e.g. https://api.openai.com/v1"
    url = source.read("TRANSCRIBE_URL", takes, values.optional(values.endpoint))
    key = source.read("TRANSCRIBE_API_KEY", "the service's key", _secret, secret=True)
    takes = "the service's name of a model; without a service, a model's folder or a name like small"
    model = source.read("TRANSCRIBE_MODEL", takes, str, default="whisper-1" if url else "")
    takes = "a language's code, e.g. en; none: found out from the sound"
    language = source.read("TRANSCRIBE_LANGUAGE", takes, values.language)
    if url is None and key is not None:
        fix = "Set TRANSCRIBE_URL too, or remove TRANSCRIBE_API_KEY."
        raise SettingsError("TRANSCRIBE_API_KEY is set, but TRANSCRIBE_URL is not", fix=fix)
    if url is None and not model:
        return None
    return TranscribeSettings(url and url.removesuffix("/audio/transcriptions"), key, model, language)


def _refuse_contradictions(mode: StorageMode, s3: S3Settings | None, uploads_dir: Path, data_dir: Path) -> None:
    if mode == "S3" and s3 is None:
        fix = "Set STUDY_BUDDY_BUCKET_NAME (or AWS_S3_BUCKET) to your bucket's name, or STORAGE to LOCAL."
        raise SettingsError("STORAGE is S3, but no bucket is named", fix=fix)
    if data_dir.resolve().is_relative_to(uploads_dir.resolve()):
        fix = "Give the catalog a folder of its own, e.g. STUDY_BUDDY_DATA=./data."
        raise SettingsError(f"STUDY_BUDDY_DATA ({data_dir}) lies in UPLOADS_DIR ({uploads_dir})", fix=fix)


def _warnings(env_file: Path, in_file: Mapping[str, str]) -> tuple[str, ...]:
    holds_secrets = any(in_file.get(name) for name in _SECRETS)
    if os.name == "nt" or not holds_secrets or not env_file.stat().st_mode & 0o077:
        return ()
    return (f"{env_file} holds secrets and other users of this computer may read it. Run: chmod 600 {env_file}",)


def _the(place: str) -> str:
    return "the environment" if place == "environment" else place


def _secret(text: str) -> Secret | None:
    return Secret(values.secret(text)) if text else None
