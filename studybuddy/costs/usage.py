"""What is used in a month, as it is measured or made up: the quantities of a bill."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from studybuddy.costs.classes import CLASSES, StorageClass
from studybuddy.costs.money import GB, HOURS_A_DAY, ZERO, divided, times, total

FreeTier = Literal["none", "legacy", "credits"]


@dataclass(frozen=True, slots=True)
class Sized:
    """Objects of one size."""

    bytes: Decimal
    count: Decimal


@dataclass(frozen=True, slots=True)
class Segment:
    """An amount that was there for some days of the month."""

    gb: Decimal
    days: Decimal


@dataclass(frozen=True, slots=True)
class ClassUsage:
    """The use of one storage class. GB are of 2^30 bytes, requests and objects are counted."""

    storage_class: StorageClass = CLASSES["STANDARD"]
    gb: Decimal = ZERO  # there the whole month; of Intelligent-Tiering in its Frequent tier
    segments: tuple[Segment, ...] = ()  # besides `gb`
    byte_hours: Decimal = ZERO  # besides `gb`
    objects: Decimal = ZERO
    sizes: tuple[Sized, ...] = ()  # instead of one mean size; they say `gb` and `objects` where those are not given
    noncurrent_gb: Decimal = ZERO
    unfinished_gb: Decimal = ZERO
    put: Decimal = ZERO  # PUT, COPY, POST
    list: Decimal = ZERO
    get: Decimal = ZERO
    multipart_uploads: Decimal = ZERO
    multipart_parts: Decimal = ZERO
    delete: Decimal = ZERO
    transitions: Decimal = ZERO  # into this class
    retrieval_gb: Decimal = ZERO
    upload_gb: Decimal = ZERO
    restore_requests: dict[str, Decimal] = field(default_factory=dict)  # by speed
    restore_gb: dict[str, Decimal] = field(default_factory=dict)
    restored_gb: Decimal = ZERO  # copies of what was restored, there for the whole month
    early_delete_gb: Decimal = ZERO
    early_delete_objects: Decimal = ZERO
    early_delete_days: Decimal = ZERO  # how old they were
    int_infrequent_gb: Decimal = ZERO
    int_archive_instant_gb: Decimal = ZERO
    int_archive_gb: Decimal = ZERO
    int_archive_objects: Decimal = ZERO
    int_deep_archive_gb: Decimal = ZERO
    int_deep_archive_objects: Decimal = ZERO
    monitored_objects: Decimal | None = None  # None: those whose size is known to be large enough

    @property
    def multipart_requests(self) -> Decimal:
        """Count the first request of each object sent in parts, each part, and the one that joins them."""
        return total((self.multipart_uploads, self.multipart_parts, self.multipart_uploads))

    @property
    def colder_gb(self) -> Decimal:
        """Sum what lies in the other tiers of Intelligent-Tiering, besides `gb`."""
        return total(
            (self.int_infrequent_gb, self.int_archive_instant_gb, self.int_archive_gb, self.int_deep_archive_gb)
        )


@dataclass(frozen=True, slots=True)
class Usage:
    """What an account uses in one region in one month."""

    region: str = "us-east-1"
    classes: tuple[ClassUsage, ...] = ()
    free_tier: FreeTier = "none"
    credits_usd: Decimal = ZERO  # what is left of them
    days_in_month: Decimal = Decimal(30)
    egress_gb: Decimal = ZERO  # to the internet
    free_egress_gb: Decimal | None = None  # what is left of the free ones; None: all
    egress_cloudfront_gb: Decimal = ZERO
    egress_same_region_gb: Decimal = ZERO
    egress_region_gb: Decimal = ZERO
    egress_region: str = ""  # to which; "": any other
    ingress_gb: Decimal = ZERO
    accelerated_in_gb: Decimal = ZERO
    accelerated_in_far_gb: Decimal = ZERO
    accelerated_out_gb: Decimal = ZERO
    accelerated_region_gb: Decimal = ZERO
    kms_requests: Decimal = ZERO
    free_kms_requests: Decimal = Decimal(20_000)
    kms_keys: Decimal = ZERO

    def gb_months(self, used: ClassUsage) -> Decimal:
        """Return how much a class held, over the whole month."""
        # Added up before they are divided, so that the days of a month make exactly the month.
        gb_days = total(times(part.gb, part.days) for part in used.segments)
        hours = times(self.days_in_month, Decimal(HOURS_A_DAY))
        from_hours = divided(divided(used.byte_hours, GB), hours)
        given = total((used.gb, divided(gb_days, self.days_in_month), from_hours))
        return given or divided(total(times(one.bytes, one.count) for one in used.sizes), GB)

    @property
    def out_gb(self) -> Decimal:
        """Sum what leaves the storage, wherever to."""
        return total((self.egress_gb, self.egress_region_gb, self.egress_cloudfront_gb, self.egress_same_region_gb))
