import re

from openapi_schema_validator import OAS31Validator
from starlette.routing import Route
from starlette.testclient import TestClient

from studybuddy.api.operations import Endpoint
from studybuddy.api.resources import routes
from studybuddy.catalog import migrations, storages
from studybuddy.catalog.migrations import Scope
from studybuddy.wiring import Wiring


def test_the_document_tells_every_route_and_no_other(client: TestClient, wiring: Wiring) -> None:
    told = {
        (path, method.upper())
        for path, methods in client.get("/api/v1/openapi.json").json()["paths"].items()
        for method in methods
    }
    real = {
        (route.path, method)
        for route in routes(lambda: wiring)
        if isinstance(route, Route) and isinstance(route.endpoint, Endpoint)
        for method in route.endpoint.methods
    }
    # HEAD goes with every GET and needs no telling, but where it is an operation of its own.
    assert {pair for pair in real if pair[1] != "HEAD"} == {pair for pair in told if pair[1] != "HEAD"}
    assert {pair for pair in told if pair[1] == "HEAD"} <= real


def test_every_schema_of_the_document_is_one(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for schema in document["components"]["schemas"].values():
        OAS31Validator.check_schema(schema)
    references = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert references <= set(document["components"]["schemas"])
    identifiers = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(identifiers) == len(set(identifiers))


def plan_a_migration(wiring: Wiring) -> None:
    """Write the row of a migration to a storage that the settings do not name."""
    with wiring.catalog.write() as db:
        other = storages.register(db, url="s3://other", label="S3 · other", base_url="", region="")
        migrations.insert(
            db, source_id=wiring.storages().local.id, target_id=other.id, scope=Scope(), bytes_per_second=None
        )


def test_answers_are_what_the_document_says(client: TestClient, session_id: int, wiring: Wiring) -> None:
    plan_a_migration(wiring)
    document = client.get("/api/v1/openapi.json").json()
    client.post(f"/api/v1/sessions/{session_id}/files", content=b"x", headers={"X-File-Name": "a.txt"})
    client.post("/api/v1/lectures", json={"session_id": session_id, "title": "One"})
    client.post("/api/v1/cards", json={"session_id": session_id, "front": "One", "back": "Two"})
    client.post("/api/v1/scans", json={"storage": "local"})
    for path, methods in document["paths"].items():
        no_json = ("/content", "/policy", "/report", "/export", "/thumbnail", "/peaks", "/playable", "/image", "/zip")
        if "get" not in methods or "{upload_id}" in path or path.endswith(no_json):
            continue
        required = [
            one["name"] for one in methods["get"].get("parameters", []) if one["in"] == "query" and one["required"]
        ]
        answer = client.get(re.sub(r"{\w+}", "1", path), params=dict.fromkeys(required, "1"))
        assert answer.status_code == 200, path
        schema = methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        OAS31Validator({**schema, "components": document["components"]}).validate(answer.json())
