"""The sample library: three sessions with slides, notes and a spoken lecture each."""

from dataclasses import dataclass
from pathlib import Path

from studybuddy.adding.new_files import NewFile
from studybuddy.library import Library

FOLDER = Path(__file__).parent / "samples"


@dataclass(frozen=True, slots=True)
class Course:
    """One session of the sample library; its files lie in `folder`."""

    folder: str
    title: str
    subject: str
    tags: tuple[str, ...]
    lecture: str
    recording: str  # the file's name
    recorded_on: str
    description: str = ""

    def files(self) -> list[Path]:
        return sorted((FOLDER / self.folder).iterdir())


COURSES = (
    Course(
        "french-revolution", "The French Revolution", "History", ("exam", "essay"),
        lecture="Why 1789?", recording="why-1789.mp3", recorded_on="2026-10-06",
        description="Causes first, then the events. Essay: *Which cause would have been enough alone?*",
    ),
    Course(
        "photosynthesis", "Photosynthesis", "Biology", ("exam", "plants"),
        lecture="From light to sugar", recording="light-to-sugar.opus", recorded_on="2026-10-08",
        description="Chapter 4. The Calvin cycle comes in the exam.",
    ),
    Course(
        "thermodynamics", "Thermodynamics", "Physics", ("exam", "exercises"),
        lecture="The first law", recording="first-law.m4a", recorded_on="2026-10-09",
        description="Heat, work and energy. Exercises are due on Fridays.",
    ),
)  # fmt: skip


def add_samples(library: Library) -> int:
    """Add the sample library; return how many files it has."""
    return sum(_add(library, course) for course in COURSES)


def _add(library: Library, course: Course) -> int:
    session = library.create_session(
        course.title, subject=course.subject, description=course.description, tags=course.tags
    )
    lecture = library.create_lecture(session.id, course.lecture, recorded_on=course.recorded_on)
    files = course.files()
    for path in files:
        lecture_id = lecture.id if path.name == course.recording else None
        with path.open("rb") as stream:
            library.add(stream, NewFile(path.name, session.id, lecture_id=lecture_id))
    return len(files)
