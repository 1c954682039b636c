"""The OpenAPI 3.1 document, built from the operations themselves."""

import re
from collections.abc import Sequence
from typing import Any

from studybuddy.api.declared import Given, Number, Schema
from studybuddy.api.operations import Operation
from studybuddy.api.shapes import SCHEMAS, named

_PLACEHOLDER = re.compile(r"{(\w+)}")
_UPLOAD_ID: Schema = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_INTRODUCTION = """Keeps study files and lecture recordings.

Every error is `{"error": {"code", "message", "fix"}}`. Query parameters and fields that are not named here are refused.
Times are UTC. Sizes are bytes. A request that changes something must not come from another site's page."""


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """Return the document as JSON."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Study Buddy", "version": "1", "description": _INTRODUCTION},
        "paths": paths,
        "components": {"schemas": SCHEMAS},
    }


def _operation(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": _operation_id(operation),
        "parameters": [
            *(_path_parameter(name) for name in _PLACEHOLDER.findall(operation.path)),
            *(_parameter("query", given) for given in operation.query),
            *(_parameter("header", given) for given in operation.headers),
        ],
        "responses": {
            **{str(status): _answer(operation.summary, schema) for status, schema in operation.answers.items()},
            "default": _answer("What went wrong", named("Error")),
        },
    }
    if operation.body is not None or operation.raw_body:
        found["requestBody"] = {"required": operation.body is not None, "content": _content(operation)}
    return found


def _content(operation: Operation) -> dict[str, Any]:
    if operation.body is not None:
        return {"application/json": {"schema": _fields(operation.body)}}
    return {kind: {"schema": _FORM if kind == "multipart/form-data" else {}} for kind in operation.raw_body}


def _fields(declared: tuple[Given, ...]) -> Schema:
    return {
        "type": "object",
        "properties": {item.name: {**item.takes.schema(), "description": item.says} for item in declared},
        "required": [item.name for item in declared if item.required],
        "additionalProperties": False,
    }


def _parameter(place: str, given: Given) -> dict[str, Any]:
    return {
        "name": given.name,
        "in": place,
        "required": given.required,
        "description": given.says,
        "schema": given.takes.schema(),
    }


def _path_parameter(name: str) -> dict[str, Any]:
    if name == "upload_id":
        return {"name": name, "in": "path", "required": True, "schema": _UPLOAD_ID, "example": "0" * 32}
    return {"name": name, "in": "path", "required": True, "schema": Number().schema(), "example": 1}


def _answer(says: str, schema: Schema | None) -> dict[str, Any]:
    if schema is None:
        return {"description": says}
    return {"description": says, "content": {"application/json": {"schema": schema}}}


def _operation_id(operation: Operation) -> str:
    path = re.sub(r"\W+", "_", operation.path.replace("/api/v1", "").replace("uploads/", "uploads_")).strip("_")
    slash = "_" if operation.path.endswith("/") else ""
    root = "" if operation.path.startswith("/api/") else "_short"
    return f"{operation.method.lower()}_{path}{slash}{root}"


_FORM: Schema = {"type": "object", "properties": {"file": {"type": "string", "contentMediaType": "*/*"}}}
