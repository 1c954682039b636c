"""Costs over HTTP."""

from decimal import Decimal

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


def test_the_same_use_is_compared_with_classes_regions_and_providers(client: TestClient) -> None:
    told = client.get("/api/v1/costs/compare", params={"gb": "100", "egress_gb": "300", "region": "eu-west-1"}).json()
    assert {len(told["classes"]), len(told["providers"])} == {8, 5}
    totals = [Decimal(row["total"]) for row in told["regions"] if not row["at_least"]]
    assert totals == sorted(totals)
    assert next(row for row in told["providers"] if row["code"] == "aws")["total"] == "20.3"
    assert client.get("/api/v1/costs/compare?region=eu-west-1").json()["region"] == "eu-west-1"


def test_a_limit_is_set_shown_and_dropped(client: TestClient) -> None:
    address = "/api/v1/costs/budget"
    assert client.get(address).json()["limit_usd"] is None
    told = client.put(address, json={"limit_usd": "2.50", "local": True}).json()
    assert (told["limit_usd"], told["local"], told["status"]["over"]) == ("2.5", True, False)
    assert client.get(address).json() == told
    assert client.put(address, json={"limit_usd": "lots"}).status_code == 400
    assert client.delete(address).json()["limit_usd"] is None
