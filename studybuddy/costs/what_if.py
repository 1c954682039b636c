"""What a course uses in a month, from what people know of it: students, hours of recordings, documents."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from studybuddy.costs.classes import CLASSES, STANDARD
from studybuddy.costs.elsewhere import in_class
from studybuddy.costs.money import GB, ZERO, divided, times, total
from studybuddy.costs.sending import sent
from studybuddy.costs.usage import ClassUsage, FreeTier, Sized, Usage

_MB = Decimal(10**6)  # as people and their disks count
_DAYS_A_WEEK = Decimal(7)
_MINUTES_AN_HOUR = Decimal(60)


@dataclass(frozen=True, slots=True)
class Question:
    """One number that people can tell of a course. `most` is where a slider ends."""

    name: str
    says: str
    unit: str
    usual: Decimal
    most: Decimal
    step: Decimal = Decimal(1)
    least: Decimal = ZERO


QUESTIONS = (
    Question("students", "Students", "students", Decimal(30), Decimal(1_000)),
    Question("hours_a_week", "Recordings", "hours a week", Decimal(6), Decimal(40), Decimal("0.5")),
    Question("weeks", "The course lasts", "weeks", Decimal(15), Decimal(104), least=Decimal(1)),
    Question("mb_an_hour", "Size of recordings", "MB an hour", Decimal(60), Decimal(3_000), Decimal(10)),
    Question("minutes", "Length of a recording", "minutes", Decimal(90), Decimal(300), Decimal(5), Decimal(5)),
    Question("listened", "Each student listens", "hours a month", Decimal(10), Decimal(200)),
    Question("documents_a_week", "Slides and documents", "files a week", Decimal(5), Decimal(200)),
    Question("mb_a_document", "Size of a document", "MB", Decimal(4), Decimal(200)),
    Question("opened", "Each student opens", "documents a month", Decimal(20), Decimal(500)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Course:
    """A course as people know it. MB are of 10^6 bytes."""

    students: Decimal
    hours_a_week: Decimal
    weeks: Decimal
    mb_an_hour: Decimal
    minutes: Decimal  # of one recording
    listened: Decimal  # hours a month, each student
    documents_a_week: Decimal
    mb_a_document: Decimal
    opened: Decimal  # documents a month, each student


def usual_course() -> Course:
    """Return the course that is described before anybody has said anything."""
    return Course(**{one.name: one.usual for one in QUESTIONS})


def use_of(course: Course, *, region: str, storage_class: str = STANDARD.code, free_tier: FreeTier = "none") -> Usage:
    """Return the use of the course's last month, when all of it is there. Each opening is one request."""
    of_month = min(course.weeks, divided(Usage().days_in_month, _DAYS_A_WEEK))
    kept, new = _files(course, course.weeks), _files(course, of_month)
    how = sent(new)
    held = ClassUsage(
        sizes=kept, put=how.single, multipart_uploads=how.in_parts, multipart_parts=how.parts, get=_opened(course)
    )
    usage = Usage(region, (held,), free_tier, egress_gb=_out_gb(course), ingress_gb=_gb(new))
    return in_class(usage, CLASSES[storage_class])


def _files(course: Course, weeks: Decimal) -> tuple[Sized, ...]:
    """Return the recordings and the documents of so many weeks."""
    hours, documents = times(course.hours_a_week, weeks), times(course.documents_a_week, weeks)
    parts = (
        (times(hours, course.mb_an_hour), divided(times(hours, _MINUTES_AN_HOUR), course.minutes)),
        (times(documents, course.mb_a_document), documents),
    )
    return tuple(_sized(times(mb, _MB), _up(count)) for mb, count in parts if mb and count)


def _sized(all_bytes: Decimal, count: Decimal) -> Sized:
    return Sized(divided(all_bytes, count), count)


def _opened(course: Course) -> Decimal:
    recordings = divided(times(course.listened, _MINUTES_AN_HOUR), course.minutes)
    return _up(times(course.students, total((recordings, course.opened))))


def _out_gb(course: Course) -> Decimal:
    heard, read = times(course.listened, course.mb_an_hour), times(course.opened, course.mb_a_document)
    return divided(times(times(course.students, total((heard, read))), _MB), GB)


def _gb(files: tuple[Sized, ...]) -> Decimal:
    return divided(total(times(one.bytes, one.count) for one in files), GB)


def _up(count: Decimal) -> Decimal:
    return count.to_integral_value(ROUND_CEILING)
