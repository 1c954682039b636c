"""What the library costs where it is."""

from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

from studybuddy import doctor
from studybuddy.adding.new_files import NewFile
from studybuddy.catalog import storages, usage
from studybuddy.costs.prices import load
from studybuddy.drivers.s3.driver import _PROBE
from studybuddy.settings import load_settings
from studybuddy.spending.library import LibraryCost, Sum, of_library
from studybuddy.spending.measured import measure
from studybuddy.units import GIB
from studybuddy.wiring import Wiring, open_all
from tests.servers.place import Server


def opened(tmp_path: Path, **settings: str) -> Wiring:
    folders = {"UPLOADS_DIR": str(tmp_path / "uploads"), "STUDY_BUDDY_DATA": str(tmp_path / "data")}
    return open_all(load_settings({**folders, **settings}, env_file=tmp_path / ".env"))


def cost(wiring: Wiring, holds: dict[str, int]) -> LibraryCost:
    storages = wiring.storages()
    with wiring.catalog.write() as db:
        for name, size in holds.items():
            values = [storages.named(name).id, "2020-01-01", 1048576, 1000, size, 0, 0, 0]
            db.execute("INSERT INTO held_days VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        return of_library(db, storages, load())


def test_a_bucket_costs_what_its_files_do_and_this_computer_nothing(tmp_path: Path) -> None:
    wiring = opened(tmp_path, STUDY_BUDDY_BUCKET_NAME="mine", AWS_REGION="eu-central-1")
    found = cost(wiring, {"local": 50 * GIB, "s3": 100 * GIB})
    wiring.close()
    assert (found.total, found.at_least) == (100 * Decimal("0.0245"), False)
    notes = {one.status.storage.name: one.note for one in found.storages if one.status.storage}
    assert notes == {"local": "Your own disk: nothing to pay", "s3": ""}


def test_other_providers_are_priced_by_their_own_rules(tmp_path: Path) -> None:
    address = "https://x.r2.cloudflarestorage.com"
    wiring = opened(tmp_path, STUDY_BUDDY_BUCKET_NAME="mine", S3_ENDPOINT_URL=address)
    found = cost(wiring, {"s3": 100 * GIB})
    wiring.close()
    gb = 108  # of 10^9 bytes, rounded up; ten are free
    assert (found.total, found.at_least) == ((gb - 10) * Decimal("0.015"), False)
    assert any("rounded up" in one.note for one in found.storages)


def test_a_service_without_known_prices_is_not_known_never_free(tmp_path: Path) -> None:
    wiring = opened(tmp_path, STUDY_BUDDY_BUCKET_NAME="mine", S3_ENDPOINT_URL="http://garage.example.org:3900")
    found = cost(wiring, {"s3": 100 * GIB})
    wiring.close()
    assert (found.total, found.at_least, found.at_this_rate.at_least) == (Decimal(0), True, True)
    assert "The prices of Garage are not known" in [one.note for one in found.storages]


def test_what_a_service_was_asked_has_no_known_price_but_what_is_not_there_costs_nothing(tmp_path: Path) -> None:
    wiring = opened(tmp_path, STUDY_BUDDY_BUCKET_NAME="mine", S3_ENDPOINT_URL="http://127.0.0.1:9000")
    with wiring.catalog.write() as db:
        usage.add_counts(db, wiring.storages().named("s3").identity, [("2026-03-10", "list", 1)])
        found = of_library(db, wiring.storages(), load(), now=datetime(2026, 3, 31, tzinfo=UTC))
    wiring.close()
    assert (found.total, found.at_least, found.so_far.at_least) == (Decimal(0), False, True)
    assert "The prices of this service are not known" in [one.note for one in found.storages]


def test_the_free_transfer_is_free_once_not_for_each_bucket(tmp_path: Path) -> None:
    (tmp_path / "storages.toml").write_text('[other]\nbucket = "second"\nregion = "us-east-1"\n')
    wiring = opened(tmp_path, STUDY_BUDDY_BUCKET_NAME="mine")
    storages, now = wiring.storages(), datetime(2026, 3, 31, 23, tzinfo=UTC)
    with wiring.catalog.write() as db:
        for name in ("s3", "other"):
            counts = [("2026-01-01", "delete", 1), ("2026-03-10", "received", 60 * GIB)]
            usage.add_counts(db, storages.named(name).identity, counts)
        found = of_library(db, storages, load(), now=now)
    wiring.close()
    assert found.so_far == Sum(20 * Decimal("0.09"), at_least=False)
    assert found.total == 0
    assert [str(month) for month in found.months[:2]] == ["2026-04-01", "2026-05-01"]
    assert [one.usd for one in found.ahead[:2]] == [20 * Decimal("0.09"), 24 * Decimal("0.09")]


def test_what_a_bucket_was_asked_is_on_the_bill_of_this_month(tmp_path: Path, strict_s3_server: Server) -> None:
    bucket = strict_s3_server.new_bucket()
    wiring = opened(tmp_path, **strict_s3_server.environ(bucket))
    wiring.storages().named("s3").driver.check()
    storage_id = wiring.storages().named("s3").id
    wiring.close()
    wiring = opened(tmp_path, **strict_s3_server.environ(bucket))
    with wiring.catalog.read() as db:
        counts = measure(db)[storage_id].counts
    wiring.close()
    assert {counts[what] for what in ("put", "get", "list", "delete")} == {Decimal(1)}
    assert counts["sent"] == len(_PROBE)


def test_what_the_doctor_sees_is_on_the_bill(tmp_path: Path, strict_s3_server: Server) -> None:
    bucket, client = strict_s3_server.new_bucket(), strict_s3_server.client()
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    begun = client.create_multipart_upload(Bucket=bucket, Key="never-joined")["UploadId"]
    client.upload_part(Bucket=bucket, Key="never-joined", UploadId=begun, PartNumber=1, Body=b"x" * 5000)
    wiring = opened(tmp_path, **strict_s3_server.environ(bucket))
    storage = wiring.storages().target
    list(doctor.diagnose(storage, wiring.catalog))
    file = wiring.library.add(BytesIO(b"y" * 700), NewFile("a.bin", wiring.library.create_session("A").id)).file
    wiring.library.trash_file(file.id)
    wiring.library.purge_file(file.id)
    with wiring.catalog.read() as db:
        found = measure(db)[storage.id]
    wiring.close()
    assert (found.unfinished_bytes, found.old_bytes, found.bytes) == (5000, 700, 0)


def test_what_the_settings_no_longer_name_costs_all_the_same(tmp_path: Path) -> None:
    wiring = opened(tmp_path)
    with wiring.catalog.write() as db:
        for number, url in enumerate(("s3://gone", "local:gone")):
            row = storages.register(db, url=url, label=url, base_url="", region="eu-central-1")
            db.execute("INSERT INTO held_days VALUES (?, '2020-01-01', 0, 1, ?, 0, 0, 0)", [row.id, 100 * GIB])
            db.execute("INSERT INTO totals VALUES (?, 'audio', 1, ?, 0)", [row.id, number])
    wiring.close()
    wiring = opened(tmp_path)
    with wiring.catalog.read() as db:
        found = of_library(db, wiring.storages(), load())
    wiring.close()
    assert (len(found.storages), found.total, found.at_least) == (3, 100 * Decimal("0.0245"), False)


def test_a_region_without_prices_is_told(tmp_path: Path) -> None:
    wiring = opened(tmp_path, STUDY_BUDDY_BUCKET_NAME="mine", AWS_REGION="mx-central-1")
    found = cost(wiring, {"s3": GIB})
    wiring.close()
    assert found.at_least
    assert "The prices of the region mx-central-1 are not known" in [one.note for one in found.storages]
