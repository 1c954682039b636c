"""Small price lists in the shape of AWS's bulk files, and a server that has them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.servers.threads import in_thread

Row = tuple[str, str, str, str]  # usage type, operation, where the tier begins, USD


def offer(rows: list[Row], *, more: dict[str, dict[str, str]] | None = None) -> dict[str, Any]:
    """Return a price list: rows of one usage type and operation are tiers of one product."""
    products: dict[str, Any] = {}
    terms: dict[str, Any] = {}
    for number, (usage, operation, begin, usd) in enumerate(rows):
        sku = f"{usage}|{operation}"
        attributes = {"usagetype": usage, "operation": operation, "group": "", **(more or {}).get(usage, {})}
        products[sku] = {"sku": sku, "productFamily": "Storage", "attributes": attributes}
        term = terms.setdefault(sku, {f"{sku}.JRTCKXETXF": {"priceDimensions": {}}})[f"{sku}.JRTCKXETXF"]
        term["priceDimensions"][f"{sku}.{number}"] = {
            "rateCode": f"{sku}.{number}", "beginRange": begin, "endRange": "Inf", "unit": "GB-Mo",
            "pricePerUnit": {"USD": usd},
        }  # fmt: skip
    return {
        "formatVersion": "v1.0",
        "offerCode": "AmazonS3",
        "version": "20261101000000",
        "publicationDate": "2026-11-01T00:00:00Z",
        "products": products,
        "terms": {"OnDemand": terms},
    }


def storage(prefix: str = "EU-") -> list[Row]:
    """Return the rows of AmazonS3 for Ireland, with what must not be taken for anything else."""
    return [
        (f"{prefix}TimedStorage-ByteHrs", "", "0", "0.0230000000"),
        (f"{prefix}TimedStorage-ByteHrs", "", "51200", "0.0220000000"),
        (f"{prefix}TimedStorage-ByteHrs", "", "512000", "0.0210000000"),
        (f"{prefix}TimedStorage-INT-FA-ByteHrs", "", "0", "0.0230000000"),
        (f"{prefix}TimedStorage-INT-FA-ByteHrs", "", "51200", "0.0220000000"),
        (f"{prefix}TimedStorage-INT-FA-ByteHrs", "", "512000", "0.0210000000"),
        (f"{prefix}TimedStorage-SIA-ByteHrs", "", "0", "0.0126000000"),
        (f"{prefix}Tables-TimedStorage-ByteHrs", "", "0", "0.0265000000"),
        (f"{prefix}Requests-Tier1", "", "0", "0.0000050000"),
        (f"{prefix}Requests-Tables-Tier1", "", "0", "0.0000990000"),
        (f"{prefix}Requests-Tier2", "", "0", "0.0000004000"),
        (f"{prefix}Requests-Tier3", "S3-GlacierTransition", "0", "0.0000300000"),
        (f"{prefix}Requests-Tier3", "S3-GDATransition", "0", "0.0000500000"),
        (f"{prefix}Requests-Tier3", "RestoreObject", "0", "0.0000500000"),
        (f"{prefix}Requests-Tier4", "S3-SIATransition", "0", "0.0000100000"),
        (f"{prefix}Requests-Tier4", "S3-GIRTransition", "0", "0.0000200000"),
        (f"{prefix}Retrieval-SIA", "", "0", "0.0100000000"),
    ]


def deep_archive(prefix: str = "EU-") -> list[Row]:
    return [
        (f"{prefix}TimedStorage-GDA-ByteHrs", "", "0", "0.0009900000"),
        (f"{prefix}Requests-GDA-Tier1", "PutObject", "0", "0.0000500000"),
        (f"{prefix}Requests-GDA-Tier1", "UploadPart", "0", "0.0000050000"),
        (f"{prefix}Standard-Retrieval-Bytes", "", "0", "0.0200000000"),
    ]


def transfer(prefix: str = "EU-") -> list[Row]:
    return [
        ("Global-DataTransfer-Out-Bytes", "", "0", "0.0000000000"),
        (f"{prefix}DataTransfer-Out-Bytes", "", "0", "0.0900000000"),
        (f"{prefix}DataTransfer-Out-Bytes", "", "10240", "0.0850000000"),
        (f"{prefix}DataTransfer-Out-Bytes", "", "51200", "0.0700000000"),
        (f"{prefix}DataTransfer-Out-Bytes", "", "153600", "0.0500000000"),
        (f"{prefix}USE1-AWS-Out-Bytes", "", "0", "0.0200000000"),
        (f"{prefix}DataTransfer-In-Bytes", "", "0", "0.0000000000"),
    ]


REGIONS = {"EU-USE1-AWS-Out-Bytes": {"fromRegionCode": "eu-west-1", "toRegionCode": "us-east-1"}}


def ireland() -> dict[str, Any]:
    """Return the three lists of Ireland by their offers."""
    return {
        "AmazonS3": offer(storage()),
        "AmazonS3GlacierDeepArchive": offer(deep_archive()),
        "AWSDataTransfer": offer(transfer(), more=REGIONS),
    }


@contextmanager
def serving(lists: dict[str, Any], region: str = "eu-west-1") -> Iterator[str]:
    """Serve price lists where AWS has them; what is no JSON is sent as it is."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = self.path.split("/")  # /offers/v1.0/aws/{offer}/current/{region}/index.json
            found = lists.get(parts[4]) if len(parts) == 8 and parts[6] == region else None
            body = found if isinstance(found, bytes) else json.dumps(found).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    with in_thread(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as url:
        yield url


KEY = "AKIASTUDYBUDDYPRICES"


@contextmanager
def answering(lists: dict[str, Any], region: str = "eu-west-1") -> Iterator[str]:
    """Answer `GetProducts` as AWS's query API does: one JSON text a product, page by page, to one key only."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if f"Credential={KEY}/" not in self.headers.get("Authorization", ""):
                return self._say(400, {"__type": "AccessDeniedException", "Message": "not authorized"})
            assert self.headers["X-Amz-Target"] == "AWSPriceListService.GetProducts"
            return self._say(200, _page(lists[asked["ServiceCode"]], asked, region))

        def _say(self, status: int, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    with in_thread(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as url:
        yield url


def _page(document: dict[str, Any], asked: dict[str, Any], region: str) -> dict[str, Any]:
    field = "fromRegionCode" if asked["ServiceCode"] == "AWSDataTransfer" else "regionCode"
    found = asked["Filters"] == [{"Type": "TERM_MATCH", "Field": field, "Value": region}]
    skus = list(document["products"]) if found else []
    start = int(asked.get("NextToken", 0))
    rows = [
        json.dumps({
            "product": document["products"][sku], "serviceCode": asked["ServiceCode"],
            "terms": {"OnDemand": document["terms"]["OnDemand"][sku]},
            "version": document["version"], "publicationDate": document["publicationDate"],
        })
        for sku in skus[start : start + 5]
    ]  # fmt: skip
    more = {"NextToken": str(start + 5)} if start + 5 < len(skus) else {}
    return {"FormatVersion": "aws_v1", "PriceList": rows, **more}
