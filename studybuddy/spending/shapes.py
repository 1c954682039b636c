"""Bills as JSON: the same in the HTTP API and on the command line."""

from studybuddy.costs.bill import Component, Estimate, Row
from studybuddy.costs.compare import Comparison
from studybuddy.costs.money import plain, to_cents
from studybuddy.costs.usage import Usage
from studybuddy.shapes import Json
from studybuddy.spending.budget import BudgetStatus
from studybuddy.spending.library import LibraryCost, StorageCost, Sum
from studybuddy.spending.measured import Measured


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
    kept = Sum(found.total, at_least=found.at_least)
    return {
        "currency": "USD",
        **_sum_json(kept),
        "so_far": _sum_json(found.so_far),
        "at_this_rate": _sum_json(found.at_this_rate),
        "ahead": [
            {"month": str(month)[:7], **_sum_json(one)} for month, one in zip(found.months, found.ahead, strict=True)
        ],
        "storages": [_storage_cost_json(one) for one in found.storages],
    }


def comparison_json(usage: Usage, found: Comparison) -> Json:
    """Return the same use priced elsewhere: three lists, the cheapest first."""
    return {
        "region": usage.region,
        "free_tier": usage.free_tier,
        "currency": "USD",
        **{name: [_row_json(row) for row in getattr(found, name)] for name in ("classes", "regions", "providers")},
    }


def _row_json(row: Row) -> Json:
    made = row.estimate
    return {
        "code": row.code,
        "title": row.title,
        **_sum_json(Sum(made.total, at_least=made.at_least)),
        "remarks": list(row.remarks),
        "components": [_component_json(component) for component in made.components],
    }


def budget_json(status: BudgetStatus | None) -> Json:
    """Return a limit and how this month stands beside it."""
    if status is None:
        return {"limit_usd": None, "local": False, "free_tier": "none", "status": None}
    return {
        "limit_usd": plain(status.budget.limit_usd),
        "local": status.budget.local,
        "free_tier": status.budget.free_tier,
        "status": {
            "so_far": _sum_json(status.so_far),
            "at_this_rate": _sum_json(status.at_this_rate),
            "over": status.over,
            "held": status.held,
            "text": status.text,
        },
    }


def _sum_json(one: Sum) -> Json:
    return {"total": plain(one.usd), "rounded": str(to_cents(one.usd)), "at_least": one.at_least}


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
        "measured": _measured_json(one.measured) if one.measured else None,
        "estimate": estimate_json(one.estimate) if one.estimate else None,
        "so_far": estimate_json(one.so_far) if one.so_far else None,
        "at_this_rate": estimate_json(one.at_this_rate) if one.at_this_rate else None,
    }


def _measured_json(found: Measured) -> Json:
    """Return what is there, with the trash and spare copies, and what was counted this month so far."""
    return {
        "objects": found.objects,
        "bytes": found.bytes,
        "old_bytes": found.old_bytes,
        "unfinished_bytes": found.unfinished_bytes,
        "since": str(found.since) if found.since else None,
        "sizes": [{"least": band.least, "objects": band.objects, "bytes": band.bytes} for band in found.bands],
        "counts": {what: int(amount) for what, amount in sorted(found.counts.items())},
    }
