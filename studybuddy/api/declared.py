"""What a request may hold, declared beside each route: checked here, and told by the OpenAPI document."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from studybuddy.api.errors import HttpError
from studybuddy.errors import InvalidInputError

MAX_ID = 2**53 - 1  # what JavaScript can count to
MAX_BODY_BYTES = 1024 * 1024
Schema = dict[str, Any]  # JSON Schema, as OpenAPI 3.1 takes it

_ID = re.compile(r"[1-9][0-9]{0,15}")
_NUMBER = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Text:
    """A text; `choices` are the only ones that it may be, `form` is JSON Schema's name for how it is written."""

    max_length: int = 300
    min_length: int = 0
    choices: tuple[str, ...] = ()
    form: str = ""

    def take(self, value: object, name: str) -> str:
        if not isinstance(value, str):
            raise InvalidInputError(f"{name} must be a text")
        if self.choices and value not in self.choices:
            raise InvalidInputError(f"{name} must be one of {', '.join(self.choices)}")
        if not self.min_length <= len(value) <= self.max_length:
            raise InvalidInputError(f"{name} must have {self.min_length} to {self.max_length:,} characters")
        return _clean(value, name)

    def schema(self) -> Schema:
        if self.choices:
            return {"type": "string", "enum": list(self.choices)}
        schema: Schema = {"type": "string", "minLength": self.min_length, "maxLength": self.max_length}
        return schema | ({"format": self.form} if self.form else {})


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number."""

    minimum: int = 1
    maximum: int = MAX_ID

    def take(self, value: object, name: str) -> int:
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not self.minimum <= value <= self.maximum:
            raise InvalidInputError(f"{name} must be a whole number from {self.minimum} to {self.maximum}")
        return value

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


@dataclass(frozen=True, slots=True)
class Flag:
    """A yes or a no."""

    def take(self, value: object, name: str) -> bool:
        if not isinstance(value, bool):
            raise InvalidInputError(f"{name} must be true or false")
        return value

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Texts:
    """A list of texts."""

    max_items: int
    item: Text = Text()

    def take(self, value: object, name: str) -> tuple[str, ...]:
        if not isinstance(value, list) or len(value) > self.max_items:
            raise InvalidInputError(f"{name} must be a list of at most {self.max_items} texts")
        return tuple(self.item.take(part, name) for part in value)

    def schema(self) -> Schema:
        return {"type": "array", "maxItems": self.max_items, "items": self.item.schema()}


@dataclass(frozen=True, slots=True)
class Numbers:
    """A list of whole numbers."""

    max_items: int
    item: Number = Number()

    def take(self, value: object, name: str) -> tuple[int, ...]:
        if not isinstance(value, list) or len(value) > self.max_items:
            raise InvalidInputError(f"{name} must be a list of at most {self.max_items} whole numbers")
        return tuple(self.item.take(part, name) for part in value)

    def schema(self) -> Schema:
        return {"type": "array", "maxItems": self.max_items, "items": self.item.schema()}


Takes = Text | Number | Flag | Texts | Numbers


@dataclass(frozen=True, slots=True)
class Given:
    """One named value of a query or of a JSON body."""

    name: str
    takes: Takes
    says: str
    required: bool = False


def path_id(text: str) -> int | None:
    """Return the id that a part of a path is, or None when it cannot be one."""
    return int(text) if _ID.fullmatch(text) else None


def read_query(query: QueryParams, declared: tuple[Given, ...]) -> dict[str, Any]:
    """Check a query; what is not declared is refused, so that a misspelt filter is not taken for none."""
    given = {item.name: item for item in declared}
    found: dict[str, Any] = {}
    for name, value in query.multi_items():
        if name not in given:
            raise InvalidInputError(f"Unknown query parameter {name[:40]!r}", fix=_names("parameters", declared))
        if name in found:
            raise InvalidInputError(f"The query parameter {name} is given twice")
        found[name] = given[name].takes.take(value, name)
    _check_required(found, declared)
    return found


def read_json(raw: bytes, declared: tuple[Given, ...]) -> dict[str, Any]:
    """Check a JSON body; raise InvalidInputError with what is wrong in plain words."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError("The body is not valid JSON") from error
    if not isinstance(body, Mapping):
        raise InvalidInputError("The body must be a JSON object", fix=_names("fields", declared))
    given = {item.name: item for item in declared}
    for name in body:
        if name not in given:
            raise InvalidInputError(f"Unknown field {name[:40]!r}", fix=_names("fields", declared))
    found = {name: given[name].takes.take(value, name) for name, value in body.items()}
    _check_required(found, declared)
    return found


def check_json_type(content_type: str) -> None:
    """Raise HttpError (415) when a body does not call itself JSON."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise HttpError(415, "media_type", "The body must be JSON", fix="Send Content-Type: application/json.")


def _check_required(found: Mapping[str, Any], declared: tuple[Given, ...]) -> None:
    for item in declared:
        if item.required and item.name not in found:
            raise InvalidInputError(f"{item.name} is missing", fix=item.says)


def _clean(text: str, name: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInputError(f"{name} holds half a character (a lone surrogate)") from error
    if "\x00" in text:
        raise InvalidInputError(f"{name} holds a NUL character")
    return text


def _names(what: str, declared: tuple[Given, ...]) -> str:
    return f"The {what} are: {', '.join(item.name for item in declared) or 'none'}."
