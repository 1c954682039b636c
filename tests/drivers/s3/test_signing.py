"""Signatures: the same as botocore's, for every kind of request."""

from datetime import UTC, datetime

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from studybuddy.drivers.s3.signing import NO_BODY, UNSIGNED, Request, encoded_path, signed

NOW = 1_790_000_000.0
HOST = "s3.example.org:9000"


def by_botocore(request: Request, credentials: Credentials) -> tuple[str, float]:
    """Return the header that botocore would send now, and what time it takes now for."""
    asked = AWSRequest(
        request.method, f"http://{HOST}{request.path}", headers=dict(request.headers), params=dict(request.query)
    )
    asked.headers["X-Amz-Content-SHA256"] = request.sha256

    class Signer(S3SigV4Auth):
        def payload(self, _: AWSRequest) -> str:
            return request.sha256

    Signer(credentials, "s3", "eu-central-1").add_auth(asked)
    moment = datetime.strptime(asked.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return str(asked.headers["Authorization"]), moment.timestamp()


@pytest.mark.parametrize("token", [None, "a/session+token=="])
@pytest.mark.parametrize(
    "request_",
    [
        Request("GetObject", "GET", "/bucket/sessions/1/plain.pdf"),
        Request("GetObject", "GET", encoded_path("/bucket/ä ö+~*'(x)/ü%20.mp3"), headers={"range": "bytes=5-9"}),
        Request("PutObject", "PUT", "/k", headers={"content-type": "a/b", "if-none-match": "*"}, sha256="ab" * 32),
        Request("UploadPart", "PUT", "/k", query={"uploadId": "2~a/b+c=", "partNumber": "12"}, sha256=UNSIGNED),
        Request("CopyObject", "PUT", "/k", headers={"x-amz-copy-source": encoded_path("bucket/ä")}),
    ],
    ids=lambda request: f"{request.operation}-{len(request.path)}",
)
def test_a_signature_is_the_one_that_botocore_makes(request_: Request, token: str | None) -> None:
    credentials = Credentials("AKIAEXAMPLE", "a secret/key+", token)
    keys = credentials.get_frozen_credentials()
    theirs, now = by_botocore(request_, credentials)
    ours = signed(request_, host=HOST, region="eu-central-1", keys=keys, now=now)
    assert ours["authorization"] == theirs
    assert ours["x-amz-content-sha256"] == request_.sha256
    assert ours.get("x-amz-security-token") == token


def test_another_secret_or_day_gives_another_signature() -> None:
    request = Request("GetObject", "GET", "/k", sha256=NO_BODY)

    def signature(secret: str, now: float) -> str:
        keys = Credentials("AKIAEXAMPLE", secret).get_frozen_credentials()
        return signed(request, host=HOST, region="eu", keys=keys, now=now)["authorization"].rpartition("=")[2]

    assert len({signature("one", NOW), signature("two", NOW), signature("one", NOW + 86400)}) == 3
