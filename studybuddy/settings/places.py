"""What there is to know of a place for objects before it is opened: where it is, and the keys to it."""

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
