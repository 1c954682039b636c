"""A Supabase Storage server with the traps of a real one (1.70.6, and what older ones did otherwise).

It keeps its objects in memory. Tests put them there, and switch traps on, under `/_test/`.
"""

import argparse
import asyncio
import base64
import gzip
import hashlib
import hmac
import json
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote, urljoin
from uuid import uuid4

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from tests.servers.supabase_keys import NEW_KEY, SECRET, encoded

_VALID_KEY = re.compile(r"[A-Za-z0-9_/!.*'() &$@=;:+,?-]+")
_ROOT = "/storage/v1"


@dataclass(slots=True)
class Row:
    """An object, as the database and the disk know it."""

    key: str
    data: bytes | None
    metadata: dict[str, Any] | None
    at: datetime
    id: str = field(default_factory=lambda: str(uuid4()))

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.data or b"").hexdigest()}"'

    def listed(self, name: str) -> dict[str, Any]:
        told = self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"name": name, "id": self.id, "updated_at": told, "created_at": told, "metadata": self.metadata}


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, error: str, code: str, message: str) -> None:
        super().__init__(message)
        self.body = {"statusCode": str(status), "error": error, "message": message, "code": code}
        self.http = status if status in (416, 500) else 400

    def answer(self, request: Request) -> Response:
        return Response(status_code=400) if request.method == "HEAD" else JSONResponse(self.body, self.http)


NO_BUCKET = Refused(404, "Bucket not found", "NoSuchBucket", "Bucket not found")
NO_OBJECT = Refused(404, "not_found", "NoSuchKey", "Object not found")
NO_HEADER = Refused(400, "Error", "InvalidRequest", "headers must have required property 'authorization'")


class App:
    """The server itself. It looks at the path as it came: `//`, dots and all."""

    def __init__(self) -> None:
        self.buckets: dict[str, dict[str, Row]] = {}
        self.traps: dict[str, Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        path = scope["raw_path"].decode()
        if self.traps.get("normalises"):  # something on the way does, where it sees dots
            path = urljoin("http://host/", path).removeprefix("http://host")
        try:
            answer = await (self._told(path, request) if path.startswith("/_test/") else self._asked(path, request))
        except Refused as refused:
            answer = refused.answer(request)
        await answer(scope, receive, send)

    async def _told(self, path: str, request: Request) -> Response:
        told, body = request.query_params, await request.body()
        match path.removeprefix("/_test/"):
            case "bucket":
                self.buckets[told["name"]] = {}
            case "traps":
                self.traps = json.loads(body)
            case "object":
                data = body if told["bytes"] == "true" else None
                self.buckets[told["bucket"]][told["key"]] = _row(told["key"], data, told["type"], size=len(body))
        return Response()

    async def _asked(self, path: str, request: Request) -> Response:
        if not path.startswith(_ROOT + "/"):
            return Response("<html>Not found</html>", 404, media_type="text/html")
        if self.traps.get("html"):
            return Response("<html>Welcome</html>", media_type="text/html")
        self._fail(path)
        route, _, rest = path.removeprefix(_ROOT + "/").partition("/")
        role = self._role(request)
        if route == "bucket" and not rest:
            return JSONResponse([{"id": name, "name": name} for name in self._seen(role)])
        if route == "bucket":
            self._bucket(role, unquote(rest))
            return JSONResponse({"id": unquote(rest), "name": unquote(rest), "public": False})
        return await self._of_objects(role, rest, request)

    async def _of_objects(self, role: str, path: str, request: Request) -> Response:
        kind, _, rest = path.partition("/")
        if kind == "authenticated":
            await asyncio.sleep(self.traps.get("slow_s", 0))
            bucket_name, _, key = rest.partition("/")
            return self._object(role, unquote(bucket_name), unquote(key), request)
        if kind not in ("list", "list-v2"):
            return JSONResponse({"message": f"Route {path} not found", "error": "Not Found", "statusCode": 404}, 404)
        bucket = self._seen(role).get(unquote(rest), {})  # a missing or forbidden one lists as an empty one
        asked = await request.json()
        return JSONResponse(_folder(bucket, asked) if kind == "list" else self._flat(bucket, asked))

    def _fail(self, path: str) -> None:
        """Refuse as often as a test has said."""
        fail = self.traps.get("fail")
        if fail and fail["times"] > 0 and fail.get("path", "") in path:
            fail["times"] -= 1
            refused = Refused(fail["status"], fail.get("error", ""), fail.get("code", ""), fail.get("message", ""))
            refused.http = fail.get("http", refused.http)
            raise refused

    def _role(self, request: Request) -> str:
        told = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not told:
            raise NO_HEADER
        if NEW_KEY == told == request.headers.get("apikey"):  # the gateway before the server knows these
            return "service_role"
        try:
            signed, _, signature = told.rpartition(".")
            claims = json.loads(base64.urlsafe_b64decode(signed.split(".")[1] + "=="))
        except (ValueError, IndexError):
            raise Refused(403, "Unauthorized", "AccessDenied", "Invalid Compact JWS") from None
        if signature != encoded(hmac.digest(SECRET, signed.encode(), "sha256")):
            raise Refused(403, "Unauthorized", "AccessDenied", "signature verification failed")
        if claims["exp"] < time.time():
            raise Refused(403, "Unauthorized", "AccessDenied", '"exp" claim timestamp check failed')
        return str(claims["role"])

    def _seen(self, role: str) -> dict[str, dict[str, Row]]:
        return self.buckets if role == "service_role" else {}

    def _bucket(self, role: str, name: str) -> dict[str, Row]:
        if name not in self._seen(role):
            raise NO_BUCKET
        return self.buckets[name]

    def _flat(self, bucket: dict[str, Row], asked: dict[str, Any]) -> dict[str, Any]:
        if self.traps.get("no_v2"):
            raise NO_BUCKET  # the route takes this for a new object in a bucket called list-v2
        like = _like(asked.get("prefix", ""))
        after = base64.b64decode(asked.get("cursor", "")).decode()
        found = sorted((key for key in bucket if like.match(key) and key > after), key=str.encode)
        limit = min(asked.get("limit", 100), self.traps.get("page_rows", 1000))
        page, more = found[:limit], len(found) > limit
        cursor = base64.b64encode(page[-1].encode()).decode() if more else None
        if self.traps.get("looping") == "pages":
            more, cursor = True, base64.b64encode(b"\0" * len(asked.get("cursor", "."))).decode()
        if (self.traps.get("looping") == "cursor" or asked.get("with_delimiter")) and after:
            page, more, cursor = [], True, asked["cursor"]
        rows = [bucket[key].listed(key) for key in page]
        return {"hasNext": more, "nextCursor": cursor, "objects": rows, "folders": []}

    def _object(self, role: str, bucket_name: str, key: str, request: Request) -> Response:
        if not _VALID_KEY.fullmatch(key):
            raise Refused(400, "Error", "InvalidKey", f"Invalid key: {key}")
        row = self._seen(role).get(bucket_name, {}).get(key)
        if row is None or row.data is None:
            raise NO_OBJECT
        kind = (row.metadata or {}).get("mimetype", "application/octet-stream")
        headers = {
            "Content-Type": "text/plain" if "text/html" in kind else kind,
            "ETag": row.etag,
            "Last-Modified": format_datetime(row.at, usegmt=True),
            "Accept-Ranges": "bytes",
        }
        asked = None if self.traps.get("no_ranges") else request.headers.get("range")
        return self._bytes(row.data, headers, asked)

    def _bytes(self, data: bytes, headers: dict[str, str], asked: str | None) -> Response:
        if self.traps.get("packed"):
            return Response(gzip.compress(data), headers=headers | {"Content-Encoding": "gzip"})
        if self.traps.get("no_length"):
            return StreamingResponse(iter([data]), headers=headers)
        if asked is None:
            return Response(data, headers=headers)
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start, end = int(first), int(last or len(data) - 1)
        if start >= len(data) or end < start:
            raise Refused(416, "invalid_range", "InvalidRange", "invalid range provided")
        if self.traps.get("other_ranges"):
            start -= 1
        if self.traps.pop("ends_early", False):
            headers |= {"Content-Range": f"bytes {start}-{end}/{len(data)}"}
            return StreamingResponse(iter([data[start : start + 10]]), 206, headers=headers)
        if not self.traps.get("overlong_ranges"):  # a server over files announces what was asked for
            end = min(end, len(data) - 1)
        headers |= {"Content-Range": f"bytes {start}-{end}/{len(data)}", "Content-Length": str(end - start + 1)}
        return Response(data[start : end + 1], 206, headers=headers)


def _row(key: str, data: bytes | None, content_type: str, *, size: int) -> Row:
    at = datetime.now(UTC)
    metadata = {
        "eTag": '"0"', "size": size, "mimetype": content_type, "cacheControl": "no-cache", "contentLength": size,
        "lastModified": at.isoformat(),
    }  # fmt: skip
    return Row(key, data, metadata if content_type else None, at)


def _like(prefix: str, flags: int = 0) -> re.Pattern[str]:
    """Return what SQL's LIKE makes of an unescaped prefix."""
    wild = {"_": ".", "%": ".*"}
    parts = re.findall(r"\\.|.", prefix, re.DOTALL)
    text = "".join(re.escape(part[1]) if len(part) > 1 else wild.get(part, re.escape(part)) for part in parts)
    return re.compile(text, flags | re.DOTALL)


def _folder(bucket: dict[str, Row], asked: dict[str, Any]) -> list[dict[str, Any]]:
    """List one level as the function `storage.search` does: by case-insensitive prefix and number of slashes."""
    prefix = asked.get("prefix", "")
    prefix += "" if not prefix or prefix.endswith("/") else "/"
    depth = prefix.count("/")
    like = _like(prefix, re.IGNORECASE)
    found: list[dict[str, Any]] = []
    folders = set()
    for key in sorted(bucket):
        parts = key.split("/")
        if not like.match(key) or len(parts) <= depth:
            continue
        if len(parts) == depth + 1:
            found.append(bucket[key].listed(parts[depth]))
        elif parts[depth] not in folders:
            folders.add(parts[depth])
            found.append({"name": parts[depth], "id": None, "updated_at": None, "created_at": None, "metadata": None})
    found.sort(key=lambda row: str(row["name"]).lower())
    offset = asked.get("offset", 0)
    return found[offset : offset + min(asked.get("limit", 100), 1500)]


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(App(), host="127.0.0.1", port=parser.parse_args().port, log_level="error", lifespan="off")


if __name__ == "__main__":
    main()
