"""The set-up of a storage: what is wanted, and step by step what was found and done."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

StepOutcome = Literal["done", "already", "would", "failed", "unsupported"]
PolicyUse = Literal["daily", "set-up"]


@dataclass(frozen=True, slots=True)
class BucketPlan:
    """How a bucket should be."""

    public_read: bool = False  # everyone may read our files; False takes that back
    cors_origins: tuple[str, ...] = ()  # none: what is set stays


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing that was looked at: was it so already, was it done, would it be, did it fail, is it not to be had."""

    name: str
    title: str
    outcome: StepOutcome
    reason: str = ""
    fix: str = ""


def succeeded(steps: Iterable[SetupStep]) -> bool:
    """Tell whether nothing failed; what a service does not have is no failure."""
    return all(step.outcome != "failed" for step in steps)
