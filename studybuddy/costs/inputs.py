"""Usage as people and programs give it: one table of names for options, JSON files and queries."""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, get_args

from studybuddy.costs.classes import CLASSES, DEEP_ARCHIVE, EXPRESS, GLACIER, INTELLIGENT, RESTORES
from studybuddy.costs.money import GB, ZERO, divided, total
from studybuddy.costs.usage import ClassUsage, FreeTier, Segment, Sized, Usage
from studybuddy.errors import InvalidInputError

Form = Literal["amount", "pairs", "text"]
_AMOUNT = re.compile(r"[0-9]{1,24}(?:\.[0-9]{1,30})?")
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_MOST_PAIRS = 1_000
_ARCHIVES = (GLACIER.code, DEEP_ARCHIVE.code)
_READ_FOR_MONEY = tuple(code for code, kind in CLASSES.items() if not kind.restored)
_LEAVING = tuple(code for code, kind in CLASSES.items() if kind.least_days)


@dataclass(frozen=True, slots=True)
class Input:
    """One quantity that can be given. `only`: the classes that know such a thing; none: all."""

    name: str
    says: str
    form: Form = "amount"
    only: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


def _of_archives() -> tuple[Input, ...]:
    found = []
    for speed, title in RESTORES.items():
        only = (GLACIER.code,) if speed == "expedited" else _ARCHIVES
        found.append(Input(f"restore_{speed}_requests", f"{title} restore requests", only=only))
        found.append(Input(f"restore_{speed}_gb", f"GB restored, {title}", only=only))
    return tuple(found)


_INT = (INTELLIGENT.code,)
OF_CLASS: tuple[Input, ...] = (
    Input("class", "Storage class, STANDARD when not given", "text", choices=tuple(CLASSES)),
    Input("gb", "GB (of 2^30 bytes) stored the whole month; of INTELLIGENT_TIERING in its Frequent tier"),
    Input("bytes", "Bytes stored the whole month, besides --gb"),
    Input("gb_days", "GB:DAYS, stored for some days of the month; several with commas", "pairs"),
    Input("byte_hours", "Byte-hours, as a usage report has them"),
    Input("objects", "Objects stored; without sizes all are taken to be of the mean size"),
    Input("object_bytes", "Bytes of each object"),
    Input("object_sizes", "BYTES:COUNT, objects of one size; several with commas", "pairs"),
    Input("noncurrent_gb", "GB of older versions (versioning)"),
    Input("unfinished_gb", "GB of parts that were never joined or aborted"),
    Input("put", "PUT, COPY and POST requests"),
    Input("list", "LIST requests"),
    Input("get", "GET, HEAD and all other requests"),
    Input("delete", "DELETE and abort requests"),
    Input("multipart_uploads", "Objects sent in parts: two requests each, besides the parts"),
    Input("multipart_parts", "Parts sent"),
    Input("transitions", "Objects moved into this class by lifecycle rules"),
    Input("retrieval_gb", "GB read", only=_READ_FOR_MONEY),
    *_of_archives(),
    Input("restored_gb", "GB of restored copies, there the whole month", only=_ARCHIVES),
    Input("early_delete_gb", "GB deleted, overwritten or moved before their least time", only=_LEAVING),
    Input("early_delete_objects", "How many objects those were", only=_LEAVING),
    Input("early_delete_days", "How many days they were there", only=_LEAVING),
    Input("upload_gb", "GB sent", only=(EXPRESS.code,)),
    Input("int_infrequent_gb", "GB in Infrequent Access", only=_INT),
    Input("int_archive_instant_gb", "GB in Archive Instant Access", only=_INT),
    Input("int_archive_gb", "GB in Archive Access", only=_INT),
    Input("int_archive_objects", "Objects in Archive Access", only=_INT),
    Input("int_deep_archive_gb", "GB in Deep Archive Access", only=_INT),
    Input("int_deep_archive_objects", "Objects in Deep Archive Access", only=_INT),
    Input("monitored_objects", "Objects of 128 KB and more; else from the sizes", only=_INT),
)
OF_ACCOUNT: tuple[Input, ...] = (
    Input("region", "AWS region, us-east-1 when not given", "text"),
    Input("free_tier", "none; legacy: opened before 15 July 2025; credits", "text", choices=get_args(FreeTier)),
    Input("credits_usd", "USD of credits left, 200 when not given (with free tier credits)"),
    Input("month", "YYYY-MM, tells how many days the month has; 30 when not given", "text"),
    Input("days_in_month", "28 to 31, instead of a month"),
    Input("egress_gb", "GB sent to the internet"),
    Input("egress_bytes", "Bytes sent to the internet, besides --egress-gb"),
    Input("free_egress_gb", "GB left of the free 100 a month"),
    Input("egress_cloudfront_gb", "GB sent to CloudFront"),
    Input("egress_same_region_gb", "GB sent within the region"),
    Input("egress_region_gb", "GB sent to another region"),
    Input("egress_region", "That region", "text"),
    Input("ingress_gb", "GB received"),
    Input("accelerated_in_gb", "GB received with acceleration at edges in the US, Europe and Japan"),
    Input("accelerated_in_far_gb", "GB received with acceleration at other edges"),
    Input("accelerated_out_gb", "GB sent with acceleration"),
    Input("accelerated_region_gb", "GB sent to another region with acceleration"),
    Input("kms_requests", "KMS requests"),
    Input("free_kms_requests", "KMS requests left of the free 20,000"),
    Input("kms_keys", "KMS keys"),
)
INPUTS = {one.name: one for one in (*OF_ACCOUNT, *OF_CLASS)}
_CLASS_NAMES = {one.name for one in OF_CLASS}
_CREDITS_USD = Decimal(200)


def read_usage(given: Mapping[str, Any]) -> Usage:
    """Make usage of named quantities; `classes` may hold those of several storage classes.

    Raises InvalidInputError, which names what is wrong.
    """
    own = {name: value for name, value in given.items() if name in _CLASS_NAMES}
    more = given.get("classes", ())
    if not isinstance(more, list | tuple) or not all(isinstance(one, Mapping) for one in more):
        raise InvalidInputError("classes must be a list of objects", fix="Give each storage class its own object.")
    classes = tuple(_read_class(one) for one in ((own,) if own or not more else ()) + tuple(more))
    return _account({name: value for name, value in given.items() if name not in {*own, "classes"}}, classes)


def _account(given: Mapping[str, Any], classes: tuple[ClassUsage, ...]) -> Usage:
    found = _Given({name: _take(name, value) for name, value in given.items()}, OF_ACCOUNT)
    plan = found.text("free_tier") or "none"
    fields = {name: found.amount(name) for name in _SAME_OF_ACCOUNT}
    return Usage(
        region=found.text("region") or "us-east-1",
        classes=classes,
        free_tier=plan,  # type: ignore[arg-type] # one of the choices
        credits_usd=found.amount("credits_usd", _CREDITS_USD),
        days_in_month=_days(found),
        egress_gb=total((found.amount("egress_gb"), divided(found.amount("egress_bytes"), GB))),
        free_egress_gb=found.maybe("free_egress_gb"),
        egress_region=found.text("egress_region"),
        free_kms_requests=found.amount("free_kms_requests", Decimal(20_000)),
        **fields,
    )


def _read_class(given: Mapping[str, Any]) -> ClassUsage:
    found = _Given({name: _take(name, value) for name, value in given.items()}, OF_CLASS)
    code = found.text("class") or "STANDARD"
    for name in given:
        if INPUTS[name].only and code not in INPUTS[name].only:
            raise InvalidInputError(f"{name} says nothing of {code}", fix=f"It is for {', '.join(INPUTS[name].only)}.")
    return ClassUsage(
        CLASSES[code],
        gb=total((found.amount("gb"), divided(found.amount("bytes"), GB))),
        segments=tuple(Segment(*pair) for pair in found.pairs("gb_days")),
        sizes=_sizes(found),
        restore_requests={speed: found.amount(f"restore_{speed}_requests") for speed in RESTORES},
        restore_gb={speed: found.amount(f"restore_{speed}_gb") for speed in RESTORES},
        monitored_objects=found.maybe("monitored_objects"),
        **{name: found.amount(name) for name in _SAME_OF_CLASS},
    )


_SAME_OF_CLASS = (
    "byte_hours", "objects", "noncurrent_gb", "unfinished_gb", "put", "list", "get", "delete", "multipart_uploads",
    "multipart_parts", "transitions", "retrieval_gb", "restored_gb", "early_delete_gb", "early_delete_objects",
    "early_delete_days", "upload_gb", "int_infrequent_gb", "int_archive_instant_gb", "int_archive_gb",
    "int_archive_objects", "int_deep_archive_gb", "int_deep_archive_objects",
)  # fmt: skip
_SAME_OF_ACCOUNT = (
    "egress_cloudfront_gb", "egress_same_region_gb", "egress_region_gb", "ingress_gb", "accelerated_in_gb",
    "accelerated_in_far_gb", "accelerated_out_gb", "accelerated_region_gb", "kms_requests", "kms_keys",
)  # fmt: skip


class _Given:
    """Values that were taken, by name."""

    def __init__(self, values: Mapping[str, Any], known: tuple[Input, ...]) -> None:
        names = [one.name for one in known]
        for name in values:
            if name not in names:
                raise InvalidInputError(f"{name} does not belong here", fix=f"Here belong: {', '.join(names)}.")
        self._values = values

    def amount(self, name: str, default: Decimal = ZERO) -> Decimal:
        return self._values.get(name, default)  # type: ignore[no-any-return]

    def maybe(self, name: str) -> Decimal | None:
        return self._values.get(name)

    def text(self, name: str) -> str:
        return self._values.get(name, "")  # type: ignore[no-any-return]

    def pairs(self, name: str) -> list[tuple[Decimal, Decimal]]:
        return self._values.get(name, [])  # type: ignore[no-any-return]


def _sizes(found: _Given) -> tuple[Sized, ...]:
    sizes = [Sized(*pair) for pair in found.pairs("object_sizes")]
    if found.maybe("object_bytes") is not None:
        if found.maybe("objects") is None:
            raise InvalidInputError("object_bytes is given without objects", fix="Say how many objects there are.")
        sizes.append(Sized(found.amount("object_bytes"), found.amount("objects")))
    return tuple(sizes)


def _days(found: _Given) -> Decimal:
    if month := found.text("month"):
        match = _MONTH.fullmatch(month)
        if match is None or match[1] == "0000":
            raise InvalidInputError(f"month is {month[:20]!r}", fix="Write it as YYYY-MM.")
        return Decimal(monthrange(int(match[1]), int(match[2]))[1])
    days = found.amount("days_in_month", Decimal(30))
    if days not in {Decimal(number) for number in range(28, 32)}:
        raise InvalidInputError(f"days_in_month is {days:f}", fix="A month has 28 to 31 days.")
    return days


def _take(name: str, value: Any) -> Any:
    """Check one value; raise InvalidInputError with its name."""
    one = INPUTS.get(name)
    if one is None:
        raise InvalidInputError(f"There is no {name[:40]!r}", fix=f"There are: classes, {', '.join(INPUTS)}.")
    if one.form == "amount":
        return _amount(name, value)
    if one.form == "pairs":
        return _pairs(name, value)
    if not isinstance(value, str):
        raise InvalidInputError(f"{name} must be a text")
    if one.choices:
        return _choice(one, value)
    return value


def _choice(one: Input, value: str) -> str:
    for choice in one.choices:
        if value.casefold().replace("-", "_") == choice.casefold():
            return choice
    raise InvalidInputError(f"{one.name} is {value[:40]!r}", fix=f"It is one of {', '.join(one.choices)}.")


def _amount(name: str, value: Any) -> Decimal:
    text = f"{value:f}" if isinstance(value, Decimal) else str(value) if isinstance(value, int | str) else ""
    if isinstance(value, bool) or not _AMOUNT.fullmatch(text):
        raise InvalidInputError(
            f"{name} is {str(value)[:40]!r}", fix="It is a number from 0, with at most 24 digits and 30 places."
        )
    return Decimal(text)


def _pairs(name: str, value: Any) -> list[tuple[Decimal, Decimal]]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or len(parts) > _MOST_PAIRS or not all(isinstance(part, str) for part in parts):
        raise InvalidInputError(f"{name} must be texts like 100:15, at most {_MOST_PAIRS:,}")
    pairs = []
    for part in parts:
        one, colon, other = part.partition(":")
        if not colon:
            raise InvalidInputError(f"{name} is {part[:40]!r}", fix="Write two numbers with a colon between: 100:15.")
        pairs.append((_amount(name, one.strip()), _amount(name, other.strip())))
    return pairs
