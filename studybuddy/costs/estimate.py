"""A bill from what is used and what it costs."""

from studybuddy.costs.bill import Biller, Estimate
from studybuddy.costs.money import ZERO
from studybuddy.costs.prices import Prices
from studybuddy.costs.request_lines import request_lines
from studybuddy.costs.storage_lines import storage_lines
from studybuddy.costs.transfer_lines import kms_lines, transfer_lines
from studybuddy.costs.usage import Usage


def estimate(usage: Usage, prices: Prices) -> Estimate:
    """Return the bill of a month, without taxes; `prices` are those of the usage's region."""
    biller = Biller(prices)
    makers = (storage_lines, request_lines, transfer_lines, kms_lines)
    lines = tuple(line for make in makers for line in make(biller, usage))
    return Estimate(lines, usage.credits_usd if usage.free_tier == "credits" else ZERO)
