"""What a course uses, worked out by hand."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from studybuddy.costs.classes import CLASSES
from studybuddy.costs.estimate import estimate
from studybuddy.costs.money import GB
from studybuddy.costs.prices import load
from studybuddy.costs.usage import Sized
from studybuddy.costs.what_if import QUESTIONS, Course, use_of, usual_course

BOOK = load()
# 10 hours a week for 3 weeks are 30 recordings of an hour and 100 MB; 6 slides of 5 MB; all in less than a month.
SMALL = Course(
    students=Decimal(20), hours_a_week=Decimal(10), weeks=Decimal(3), mb_an_hour=Decimal(100), minutes=Decimal(60),
    listened=Decimal(4), documents_a_week=Decimal(2), mb_a_document=Decimal(5), opened=Decimal(3),
)  # fmt: skip


def test_a_small_course_by_hand() -> None:
    usage = use_of(SMALL, region="us-east-1")
    (held,) = usage.classes
    # 100 MB go in 12 parts of 8 MiB; the slides in one request each.
    assert [held.put, held.multipart_uploads, held.multipart_parts] == [6, 30, 360]
    assert held.get == 20 * (4 + 3)
    assert usage.ingress_gb == usage.gb_months(held)
    assert usage.egress_gb * GB == 20 * (4 * 100 + 3 * 5) * 10**6
    assert usage.gb_months(held) * GB == (3000 + 30) * 10**6
    assert held.sizes == (Sized(Decimal(100 * 10**6), Decimal(30)), Sized(Decimal(5 * 10**6), Decimal(6)))


def test_of_a_long_course_all_is_kept_and_a_month_of_it_is_new() -> None:
    usage = use_of(replace(SMALL, weeks=Decimal(42)), region="us-east-1")
    (held,) = usage.classes
    assert usage.gb_months(held) * GB == 14 * (3000 + 30) * 10**6
    # 30 days are 4 weeks and 2 days: 42.86 hours, begun recordings count; 8.57 documents.
    assert [held.multipart_uploads, held.put] == [43, 9]


def test_what_a_class_bills_for_reading_is_in_it() -> None:
    usage = use_of(SMALL, region="us-east-1", storage_class="STANDARD_IA")
    assert usage.classes[0].storage_class is CLASSES["STANDARD_IA"]
    assert usage.classes[0].retrieval_gb == usage.egress_gb


def test_a_course_of_nothing_costs_nothing() -> None:
    nothing = replace(SMALL, students=Decimal(0), hours_a_week=Decimal(0), documents_a_week=Decimal(0))
    assert estimate(use_of(nothing, region="us-east-1"), BOOK.of("us-east-1")).components == ()


def test_the_usual_course_is_within_what_can_be_asked() -> None:
    usual = usual_course()
    for one in QUESTIONS:
        assert one.least <= getattr(usual, one.name) <= one.most


_GROWING = [one.name for one in QUESTIONS if one.name != "minutes"]


@given(st.sampled_from(_GROWING), st.integers(1, 500))
@settings(deadline=None, max_examples=40)
def test_more_of_a_course_never_costs_less(name: str, more: int) -> None:
    def cost(course: Course) -> Decimal:
        return estimate(use_of(course, region="us-east-1"), BOOK.of("us-east-1")).total

    usual = usual_course()
    assert cost(replace(usual, **{name: getattr(usual, name) + more})) >= cost(usual)
