"""The services that speak S3's protocol: how each is reached, and what it does differently."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from studybuddy.settings import values
from studybuddy.settings.places import S3Settings

_DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Provider:
    """One row. `pattern` is matched with `host:port/path`; its group `region` is the region that an endpoint tells."""

    name: str
    endpoint: str  # how it looks, for people; "": none is set
    pattern: re.Pattern[str]
    region: str = _DEFAULT_REGION  # where neither the settings nor the endpoint tell one
    bucket_in_host: bool = False  # else in the path, which every service takes
    checksums: bool = False  # takes SHA-256 and tells it again; else the MD5 in the ETag proves bytes, or reading them
    conditional: bool = True  # `If-None-Match: *` does no harm: it is honoured, ignored, or refused by its own name
    located: bool = False  # a new bucket is told its region; else it is where the endpoint is
    has_path: bool = False  # its endpoint may have a path


# Endpoints, regions and styles, looked up in November 2026:
# AWS: https://docs.aws.amazon.com/general/latest/gr/s3.html
# R2: https://developers.cloudflare.com/r2/api/s3/api/ (region `auto`), .../r2/api/s3/conditional-operations/
# B2: https://www.backblaze.com/docs/cloud-storage-call-the-s3-compatible-api; it refuses the headers of checksums
#   (https://www.backblaze.com/docs/cloud-storage-s3-compatible-api) and answers a conditional PutObject with
#   NotImplemented (https://github.com/sathinduga/obsidian-s3-sync-and-backup/issues/78)
# Wasabi: https://docs.wasabi.com/docs/service-urls-for-wasabis-storage-regions (without a region: us-east-1)
# Garage: https://garagehq.deuxfleurs.fr/documentation/connect/ (port 3900, path style, region `garage`)
# SeaweedFS: https://github.com/seaweedfs/seaweedfs/wiki/Amazon-S3-API (port 8333, path style, any region)
# Ceph: https://docs.ceph.com/en/latest/radosgw/frontends/ (port 7480; any region signs)
# Supabase: https://supabase.com/docs/guides/storage/s3/authentication; its server takes a signature for us-east-1 in
#   any region (getSelectedRegion in supabase/storage, src/storage/protocols/s3/signature-v4.ts)
PROVIDERS: tuple[Provider, ...] = (
    Provider(
        "Amazon S3", "",
        re.compile(
            r"(?:(?:.+\.)?s3(?:-fips)?(?:\.dualstack)?[.-](?P<region>[a-z]{2}-[a-z-]+-\d)\.(?:vpce\.)?|(?:.+\.)?)"
            r"amazonaws\.com(?:\.cn)?:.*"
        ),
        bucket_in_host=True, checksums=True, located=True,
    ),
    Provider(
        "Cloudflare R2", "https://ACCOUNT.r2.cloudflarestorage.com",
        re.compile(r".+\.r2\.cloudflarestorage\.com:.*"), region="auto",
    ),
    Provider(
        "Backblaze B2", "https://s3.REGION.backblazeb2.com",
        re.compile(r"s3\.(?P<region>[a-z0-9-]+)\.backblazeb2\.com:.*"), conditional=False,
    ),
    Provider(
        "Wasabi", "https://s3.REGION.wasabisys.com",
        re.compile(r"s3(?:\.(?P<region>[a-z0-9-]+))?\.wasabisys\.com:.*"),
    ),
    Provider(
        "Supabase", "https://PROJECT.storage.supabase.co/storage/v1/s3",
        re.compile(r".*/storage/v1/s3"), has_path=True,
    ),
    Provider(
        "Garage", "http://HOST:3900",
        re.compile(r"(?:.+\.)?garage(?:\..+)?:.*|.+:3900.*"), region="garage", has_path=True,
    ),
    Provider(
        "SeaweedFS", "http://HOST:8333",
        re.compile(r"(?:.+\.)?seaweedfs(?:\..+)?:.*|.+:8333.*"), has_path=True,
    ),
    Provider(
        "Ceph", "http://HOST:7480",
        re.compile(r"(?:.+\.)?(?:ceph|rgw|radosgw)(?:\..+)?:.*|.+:7480.*"), has_path=True,
    ),
    Provider("Others", "their address", re.compile(".*"), located=True, has_path=True),
)  # fmt: skip


def endpoint(text: str) -> str:
    """Return a service's address without a slash at its end, or raise ValueError with what is wrong."""
    address = values.endpoint(text)
    provider, path = provider_of(address), urlsplit(address).path
    if path and not provider.has_path:
        # Consoles show it with the bucket's name behind it.
        raise ValueError(f"ends with {path}, but an address of {provider.name} has no path: remove it")
    return address


def provider_of(endpoint_url: str | None) -> Provider:
    """Tell whose endpoint this is; none is Amazon's."""
    return _matching(endpoint_url)[0]


def is_aws(endpoint_url: str | None) -> bool:
    """Tell whether an endpoint is Amazon's own."""
    return provider_of(endpoint_url) is PROVIDERS[0]


def region_of(endpoint_url: str | None) -> str:
    """Return the region to use where the settings name none: the endpoint's, or its provider's usual one."""
    provider, region = _matching(endpoint_url)
    return region or provider.region


def public_url(place: S3Settings) -> str:
    """Return what stands before the keys in the addresses that everyone can read once the set-up has allowed it."""
    folder = f"{place.prefix}/" if place.prefix else ""
    if place.endpoint_url:
        return f"{place.endpoint_url}/{place.bucket}/{folder}"
    china = ".cn" if place.region.startswith("cn-") else ""
    return f"https://{place.bucket}.s3.{place.region}.amazonaws.com{china}/{folder}"


def _matching(endpoint_url: str | None) -> tuple[Provider, str | None]:
    if endpoint_url is None:
        return PROVIDERS[0], None
    parts = urlsplit(endpoint_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = f"{parts.hostname}:{port}{parts.path}"
    for provider in PROVIDERS:
        if match := provider.pattern.fullmatch(address):
            return provider, match.groupdict().get("region")
    raise AssertionError("the last pattern matches everything")
