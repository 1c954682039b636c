"""The storage classes of S3 and how each is billed; read in AWS's pricing page and FAQ on 2026-11-20."""

from dataclasses import dataclass

from studybuddy.units import KIB


@dataclass(frozen=True, slots=True)
class StorageClass:
    """One storage class. `code` is its name in S3's API and in the names of prices."""

    code: str
    title: str  # as AWS's page has it
    least_days: int = 0  # what goes earlier is billed for the days left
    least_object_bytes: int = 0
    overhead_bytes: int = 0  # of each object, at the class's own rate
    overhead_standard_bytes: int = 0  # of each object, at Standard's rate
    staged: bool = False  # parts of unfinished objects are held and billed at Standard's rates
    retrieval: bool = False  # reading is billed by the GB
    restored: bool = False  # objects are restored first, at a speed that has its price
    tiered: bool = False  # the price falls with the amount


_SMALL = 128 * KIB
_ARCHIVED = {"overhead_bytes": 32 * KIB, "overhead_standard_bytes": 8 * KIB, "staged": True, "restored": True}

STANDARD = StorageClass("STANDARD", "S3 Standard", tiered=True)
INTELLIGENT = StorageClass("INTELLIGENT_TIERING", "S3 Intelligent-Tiering")
EXPRESS = StorageClass("EXPRESS_ONEZONE", "S3 Express One Zone", retrieval=True)
GLACIER = StorageClass("GLACIER", "S3 Glacier Flexible Retrieval", least_days=90, **_ARCHIVED)  # type: ignore[arg-type]
DEEP_ARCHIVE = StorageClass("DEEP_ARCHIVE", "S3 Glacier Deep Archive", least_days=180, **_ARCHIVED)  # type: ignore[arg-type]

CLASSES = {
    one.code: one
    for one in (
        STANDARD,
        INTELLIGENT,
        StorageClass("STANDARD_IA", "S3 Standard-IA", least_days=30, least_object_bytes=_SMALL, retrieval=True),
        StorageClass("ONEZONE_IA", "S3 One Zone-IA", least_days=30, least_object_bytes=_SMALL, retrieval=True),
        StorageClass(
            "GLACIER_IR", "S3 Glacier Instant Retrieval", least_days=90, least_object_bytes=_SMALL, retrieval=True
        ),
        GLACIER,
        DEEP_ARCHIVE,
        EXPRESS,
    )
}
MONITORED_BYTES = _SMALL  # smaller objects in Intelligent-Tiering pay no fee and stay at the Frequent rate
STORAGE_TIERS = (0, 51_200, 512_000)  # where each begins, in GB; of Standard and of Intelligent-Tiering Frequent
INTERNET_TIERS = (0, 10_240, 51_200, 153_600)  # in GB behind the free ones
FREE_INTERNET_GB = 100  # a month, over all services and regions but China and GovCloud
RESTORES = {"standard": "Standard", "expedited": "Expedited", "bulk": "Bulk"}
