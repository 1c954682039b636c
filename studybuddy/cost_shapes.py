"""Bills as JSON: the same in the HTTP API and on the command line."""

from studybuddy.costs.bill import Component, Estimate
from studybuddy.costs.money import plain, to_cents
from studybuddy.library_costs import LibraryCost, StorageCost
from studybuddy.shapes import Json


def estimate_json(estimate: Estimate) -> Json:
    """Return a bill; money and quantities are texts, so that no reader rounds them."""
    return {
        "currency": "USD",
        "total": plain(estimate.total),
        "rounded": str(to_cents(estimate.total)),
        "at_least": estimate.at_least,
        "to_pay": str(to_cents(estimate.to_pay)),
        "components": [_component_json(component) for component in estimate.components],
    }


def library_cost_json(found: LibraryCost) -> Json:
    """Return what the library costs a month."""
    return {
        "currency": "USD",
        "total": plain(found.total),
        "rounded": str(to_cents(found.total)),
        "at_least": found.at_least,
        "storages": [_storage_cost_json(one) for one in found.storages],
    }


def _component_json(component: Component) -> Json:
    price = component.price
    return {
        "name": component.name,
        "group": component.group,
        "unit": component.unit,
        "quantity": plain(component.quantity),
        "unit_price": None if component.unit_price is None else plain(component.unit_price),
        "cost": None if component.cost is None else plain(component.cost),
        "note": component.note,
        "price": {"name": price.name, "source": price.source, "as_of": price.as_of} if price else None,
    }


def _storage_cost_json(one: StorageCost) -> Json:
    status = one.status
    return {
        "storage": status.storage.name if status.storage else None,
        "label": status.row.label,
        "region": one.region or None,
        "files": status.files,
        "bytes": status.bytes,
        "note": one.note,
        "estimate": estimate_json(one.estimate) if one.estimate else None,
    }
