"""A well-known wrong example of S3's price, opened: what its guide says beside what it costs."""

from dataclasses import dataclass
from decimal import Decimal

from studybuddy.costs.bill import Estimate
from studybuddy.costs.estimate import estimate
from studybuddy.costs.money import GB, divided, times, total
from studybuddy.costs.prices import PriceBook
from studybuddy.costs.usage import ClassUsage, Usage

REGION = "us-east-1"
FILES, UPLOADS, DOWNLOADS = Decimal(1_000), Decimal(10_000), Decimal(100_000)
MB_EACH = Decimal(10)
_DECIMAL_MB, _BINARY_MB = Decimal(10**6), Decimal(2**20)


@dataclass(frozen=True, slots=True)
class Claim:
    """A line of the guide. `says_usd` None: it does not speak of it."""

    what: str
    says: str
    says_usd: Decimal | None
    group: str
    name: str  # in the names of the bill's lines
    why: str = ""


CLAIMS = (
    Claim(
        "1,000 recordings of 10 MB, kept", "The guide: 10 GB, $0.023 each", Decimal("0.23"), "storage", "",
        "Files of 10,000,000 bytes: S3's GB are of 2^30 bytes, so these are 9.31",
    ),
    Claim("10,000 uploads", "The guide: $0.005 for 1,000", Decimal("0.05"), "request", "PUT"),
    Claim(
        "100,000 downloads, the requests", "The guide: “within free tier”", Decimal(0), "request", "GET",
        "The free tier had 20,000 a month, for the first year only",
    ),
    Claim(
        "100,000 downloads, the bytes", "The guide does not count them", None, "transfer", "",
        "100,000 × 10 MB go out: 931 GB, of which 100 GB a month are free",
    ),
)  # fmt: skip


def guide_total() -> Decimal:
    """Return the total of the guide."""
    return total(claim.says_usd for claim in CLAIMS if claim.says_usd is not None)


def use(*, binary: bool = False) -> Usage:
    """Return the example's use. `binary`: a MB is taken as 2^20 bytes."""
    each_gb = divided(times(MB_EACH, _BINARY_MB if binary else _DECIMAL_MB), GB)
    held = ClassUsage(gb=times(FILES, each_gb), objects=FILES, put=UPLOADS, get=DOWNLOADS)
    return Usage(REGION, (held,), egress_gb=times(DOWNLOADS, each_gb))


def bill(book: PriceBook, *, binary: bool = False) -> Estimate:
    """Return what it costs."""
    return estimate(use(binary=binary), book.of(REGION))


def cost_of(claim: Claim, made: Estimate) -> Decimal:
    """Return what a line of the guide costs, in USD."""
    lines = (one.cost for one in made.components if one.group == claim.group and claim.name in one.name)
    return total(cost for cost in lines if cost is not None)
