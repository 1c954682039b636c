"""What a planned move costs, from the items that are still to be copied."""

from dataclasses import replace
from decimal import Decimal

from studybuddy.catalog.migrations import Scope
from studybuddy.migration.price import look_up
from studybuddy.settings.places import S3Settings
from tests.migration.conftest import Place


def test_a_move_to_aws_costs_its_requests_once_and_its_storage_each_month(place: Place) -> None:
    for number in range(3):
        place.add(b"x" * 500_000 + bytes([number]), f"{number}.bin")
    migration = place.migrations.plan("local", "usb", Scope()).migration
    storages = place.wiring.storages()
    bucket = replace(storages.named("usb"), place=S3Settings("my-bucket", "us-east-1"))
    price = look_up(place.wiring.catalog, migration, storages.local, bucket)
    assert price is not None
    assert price.once == Decimal("0.000015")  # three PUT at 0.005 USD for 1,000
    assert round(price.monthly, 9) == round(Decimal(1_500_003) / 1024**3 * Decimal("0.023"), 9)
    assert not price.bill.at_least


def test_what_is_at_the_target_already_costs_nothing_more_and_own_disks_have_no_price(place: Place) -> None:
    place.add(b"there already")
    storages = place.wiring.storages()
    first = place.migrations.plan("local", "usb", Scope()).migration
    assert look_up(place.wiring.catalog, first, storages.local, storages.named("usb")) is None
    place.migrations.run(first.id)
    place.migrations.undo(first.id)
    again = place.migrations.plan("local", "usb", Scope()).migration
    bucket = replace(storages.named("usb"), place=S3Settings("my-bucket", "us-east-1"))
    assert look_up(place.wiring.catalog, again, storages.local, bucket) is None
