"""AWS's price lists as its query API gives them to an account: the same products as in the public files."""

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from studybuddy.drivers.s3.errors import told
from studybuddy.errors import InvalidInputError, PermissionDeniedError, StorageError, UnavailableError
from studybuddy.settings.places import S3Settings

if TYPE_CHECKING:
    from botocore.client import BaseClient

_HOME = "us-east-1"  # one of the few regions that answer for all
_WAIT_S = 60
_ATTEMPTS = 3
_REGION_FIELD = {"AWSDataTransfer": "fromRegionCode"}  # the others': regionCode
_FIX = "Give its user the permission pricing:GetProducts, or leave --account out: the public lists need no keys."


def price_lists(keys: S3Settings | None) -> Callable[[str, str], Any]:
    """Return what reads one offer's list for one region, in the shape of the public files.

    Without keys, boto3's own chain finds some. What it returns raises PermissionDeniedError or UnavailableError.
    """
    client = _client(keys)

    def read(offer: str, region: str) -> Any:
        return _document(_products(client, offer, region), offer, region)

    return read


def _client(keys: S3Settings | None) -> "BaseClient":
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    given: dict[str, Any] = {}
    if keys and keys.access_key_id and keys.secret_access_key:
        given["aws_access_key_id"] = keys.access_key_id
        given["aws_secret_access_key"] = keys.secret_access_key.reveal()
        given["aws_session_token"] = keys.session_token.reveal() if keys.session_token else None
    config = Config(
        connect_timeout=10, read_timeout=_WAIT_S, retries={"mode": "standard", "total_max_attempts": _ATTEMPTS}
    )
    client: BaseClient = boto3.Session(**given).client("pricing", region_name=_HOME, config=config)
    return client


def _products(client: "BaseClient", offer: str, region: str) -> Iterator[dict[str, Any]]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    wanted = {"Type": "TERM_MATCH", "Field": _REGION_FIELD.get(offer, "regionCode"), "Value": region}
    pages = client.get_paginator("get_products").paginate(
        ServiceCode=offer, Filters=[wanted], FormatVersion="aws_v1", PaginationConfig={"PageSize": 100}
    )
    try:
        for page in pages:
            for product in page["PriceList"]:
                yield json.loads(product, parse_float=Decimal)
    except (ClientError, BotoCoreError) as error:
        raise _ours(error, offer, region) from error
    except ValueError as error:
        raise InvalidInputError(f"AWS's price list of {offer} for {region} has a shape that is not known") from error


def _ours(error: Exception, offer: str, region: str) -> StorageError:
    what = f"AWS's price list of {offer} for {region}"
    if type(error).__name__ in {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"}:
        return PermissionDeniedError(f"There are no AWS keys to ask for {what} with", fix=_FIX)
    code, status = told(error)
    if 400 <= status < 500 and code != "ThrottlingException":
        return PermissionDeniedError(f"AWS does not give {what} to this account ({code})", fix=_FIX)
    return UnavailableError(f"AWS does not answer for {what}", fix="Try again when this computer is online.")


def _document(products: Iterator[dict[str, Any]], offer: str, region: str) -> dict[str, Any]:
    """Put products together as the public file has them."""
    found: dict[str, Any] = {"version": "", "publicationDate": "", "products": {}, "terms": {"OnDemand": {}}}
    try:
        for one in products:
            sku = one["product"]["sku"]
            found["products"][sku] = one["product"]
            found["terms"]["OnDemand"][sku] = one["terms"].get("OnDemand", {})
            for name in ("version", "publicationDate"):
                found[name] = max(found[name], one[name])
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidInputError(f"AWS's price list of {offer} for {region} has a shape that is not known") from error
    return found
