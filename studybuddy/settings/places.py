"""What there is to know of a place for objects before it is opened: where it is, and the keys to it."""

import re
from dataclasses import dataclass, field
from pathlib import Path


class Secret:
    """A value that hides itself wherever it is printed, logged or shown."""

    # No dataclass: `asdict` would open it.
    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        # Four characters tell a person which key it is; of a short one they would give too much away.
        return f"••••{self._value[-4:]}" if len(self._value) >= 16 else "••••"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a place's settings are called where a person can change them: not all of them stand in `.env`."""

    table: str = ""  # of storages.toml
    names: tuple[tuple[str, str], ...] = ()  # of a setting of `.env`, and what it is called for this place

    def of(self, text: str) -> str:
        """Return a text that names settings of `.env`, with their names for this place; twice is no harm."""
        for ours, theirs in self.names:
            text = re.sub(rf"\b{ours}\b", lambda _, theirs=theirs: theirs, text)  # type: ignore[misc]
        return re.sub(rf"setup-bucket(?! {self.table}\b)", f"setup-bucket {self.table}", text) if self.table else text

    def region(self, region: str) -> tuple[str, str]:
        """Return where a region is set, and the line to paste there."""
        if self.table:
            return f"in storages.toml, under [{self.table}]", f'region = "{region}"'
        return "in .env", f"AWS_REGION={region}"


DEFAULT_WORDING = Wording()


@dataclass(frozen=True, slots=True)
class S3Settings:
    """One place in S3 or in a compatible service. Without keys, boto3's own chain finds some."""

    bucket: str
    region: str
    endpoint_url: str | None = None  # None: AWS itself
    prefix: str = ""  # no slash at either end
    access_key_id: str | None = field(default=None, repr=False)
    secret_access_key: Secret | None = None
    session_token: Secret | None = None
    public_read: bool = False
    unset: tuple[str, ...] = ()  # the variables that should hold its keys and do not: it cannot be used
    wording: Wording = field(default=DEFAULT_WORDING, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """A folder of this computer."""

    folder: Path  # absolute


@dataclass(frozen=True, slots=True)
class SupabaseSettings:
    """A bucket of Supabase Storage, read only."""

    url: str  # of the project
    bucket: str
    service_key: Secret
    unset: tuple[str, ...] = ()  # as with S3
    wording: Wording = field(default=DEFAULT_WORDING, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TranscribeSettings:
    """What makes transcripts: an OpenAI-compatible service, or a model on this computer."""

    url: str | None  # without the /audio/transcriptions at its end; None: on this computer
    api_key: Secret | None
    model: str  # the service's name of one; on this computer a folder, or the name of one to download
    language: str  # empty: found out from the sound


PlaceSettings = LocalSettings | S3Settings | SupabaseSettings


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A storage that the settings name."""

    name: str  # for commands: "local", "s3", or a table of storages.toml
    settings: PlaceSettings
