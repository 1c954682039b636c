"""Costs over HTTP."""

from starlette.testclient import TestClient


def test_an_estimate_has_its_lines_and_money_is_text(client: TestClient) -> None:
    query = {"bytes": "10000000000", "put": "10000", "get": "100000", "egress_bytes": "1000000000000"}
    told = client.get("/api/v1/costs/estimate", params=query).json()
    assert told["rounded"] == "75.12"
    assert all(isinstance(part["cost"], str) for part in told["components"])


def test_what_is_not_known_is_null_and_the_total_at_least(client: TestClient) -> None:
    told = client.get("/api/v1/costs/estimate?region=me-central-1&egress_gb=200&gb=100").json()
    assert told["at_least"] is True
    assert [part["cost"] for part in told["components"] if part["name"].startswith("Data")] == ["0", None]


def test_wrong_input_is_refused(client: TestClient) -> None:
    for query in ("gb=-1", "class=FAST", "gbs=1", "class=STANDARD&restore_bulk_gb=1"):
        assert client.get(f"/api/v1/costs/estimate?{query}").status_code == 400, query
    assert client.get("/api/v1/costs/estimate?region=mars-1").status_code == 404


def test_the_library_is_priced_by_storage(client: TestClient) -> None:
    told = client.get("/api/v1/costs/library").json()
    assert (told["total"], told["at_least"]) == ("0", False)
    assert [one["storage"] for one in told["storages"]] == ["local"]
