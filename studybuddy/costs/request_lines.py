"""What requests, restores and reading cost."""

from collections.abc import Iterator
from decimal import Decimal

from studybuddy.costs.bill import Biller, Component
from studybuddy.costs.classes import DEEP_ARCHIVE, EXPRESS, RESTORES, STANDARD
from studybuddy.costs.money import ZERO, minus, total
from studybuddy.costs.usage import ClassUsage, Usage

_FREE_PUT, _FREE_GET = Decimal(2_000), Decimal(20_000)


def request_lines(biller: Biller, usage: Usage) -> Iterator[Component]:
    """Yield the lines of everything that was asked."""
    yield from _at_standard_rate(biller, usage)
    for used in usage.classes:
        if used.storage_class is not STANDARD:
            yield from _of_class(biller, used)
        yield from _moved(biller, used)
        yield from biller.free(
            f"{used.storage_class.title}, DELETE", "request", "requests", used.delete, note="Free of charge"
        )


def _at_standard_rate(biller: Biller, usage: Usage) -> Iterator[Component]:
    plain = [used for used in usage.classes if used.storage_class is STANDARD]
    legacy = usage.free_tier == "legacy"
    put = f"{STANDARD.title}, PUT, COPY, POST"
    parts = (
        (put, total(used.put for used in plain)),
        (f"{STANDARD.title}, multipart", total(used.multipart_requests for used in plain)),
        ("LIST, at Standard's rate in every class", total(used.list for used in usage.classes)),
        ("Parts of archived objects, at Standard's rate", total(_staged(used) for used in usage.classes)),
    )
    yield from _with_free(biller, parts, f"request.{STANDARD.code}.put", _FREE_PUT if legacy else ZERO)
    get = f"{STANDARD.title}, GET and all others"
    asked = total(used.get for used in plain)
    yield from _with_free(biller, ((get, asked),), f"request.{STANDARD.code}.get", _FREE_GET if legacy else ZERO)


def _with_free(
    biller: Biller, parts: tuple[tuple[str, Decimal], ...], price_name: str, free: Decimal
) -> Iterator[Component]:
    note = f"Free tier: {free:,} a month"
    left = free
    for name, asked in parts:
        given = min(left, asked)
        left = minus(left, given)
        yield from biller.free(name, "request", "requests", given, note=note)
        yield from biller.line(name, price_name, minus(asked, given))


def _of_class(biller: Biller, used: ClassUsage) -> Iterator[Component]:
    kind = used.storage_class
    name = f"request.{kind.code}"
    yield from biller.line(f"{kind.title}, PUT, COPY, POST", f"{name}.put", used.put)
    # Of an archived object's parts only the last request is the class's own.
    joined = used.multipart_uploads if kind.staged else used.multipart_requests
    yield from biller.line(f"{kind.title}, multipart", f"{name}.put", joined)
    if kind is DEEP_ARCHIVE:
        begun = total((used.multipart_uploads, used.multipart_parts))
        yield from biller.line(f"{kind.title}, parts", f"{name}.part", begun)
    yield from biller.line(f"{kind.title}, GET and all others", f"{name}.get", used.get)


def _moved(biller: Biller, used: ClassUsage) -> Iterator[Component]:
    kind = used.storage_class
    yield from biller.line(f"{kind.title}, transitions into it", f"transition.{kind.code}", used.transitions)
    read = f"{kind.title}, data retrievals"
    if kind.retrieval:
        yield from biller.line(read, f"retrieval.{kind.code}", used.retrieval_gb)
    else:
        yield from biller.free(read, "retrieval", "GB", used.retrieval_gb, note="Free of charge")
    for speed, title in RESTORES.items():
        asked, gb = used.restore_requests.get(speed, ZERO), used.restore_gb.get(speed, ZERO)
        yield from biller.line(f"{kind.title}, {title} restore requests", f"restore.{kind.code}.{speed}", asked)
        yield from biller.line(f"{kind.title}, {title} retrievals", f"retrieval.{kind.code}.{speed}", gb)
    if kind is EXPRESS:
        yield from biller.line(f"{kind.title}, data uploads", f"upload.{kind.code}", used.upload_gb)


def _staged(used: ClassUsage) -> Decimal:
    staged = used.storage_class.staged and used.storage_class is not DEEP_ARCHIVE
    return total((used.multipart_uploads, used.multipart_parts)) if staged else ZERO
