"""What an import would bring, before anything is written."""

from dataclasses import dataclass, field, replace

from studybuddy.catalog.imports import Wanted
from studybuddy.catalog.migrations import Count
from studybuddy.errors import StudyBuddyError
from studybuddy.importing.bringing import Urls
from studybuddy.importing.run import reason_of
from studybuddy.units import size_text

_FEW = 100


@dataclass(slots=True)
class Preview:
    """What would come; it grows while a source is listed."""

    source: str  # the label
    target: str
    new: Count = field(default_factory=Count)
    there: Count = field(default_factory=Count)  # here already, as large as they are listed
    skipped: int = 0
    failed: int = 0  # of those whose addresses lead nowhere
    problems: list[Wanted] = field(default_factory=list)  # the first of both
    unsized: int = 0  # how many of the new ones do not tell their size
    sessions: dict[str, Count] = field(default_factory=dict)  # of the new ones, by title

    @property
    def listed(self) -> int:
        """Return how many things the source has listed so far."""
        return self.new.files + self.there.files + self.skipped + self.failed

    def size_of(self, count: Count) -> str:
        """Say how large some of the files are; an address on the web tells it only when it is opened."""
        return size_text(count.bytes) if count.bytes or not self.unsized else "of unknown size"

    def foresee(self, one: Wanted, *, is_there: bool) -> None:
        """Count one more thing that the source lists."""
        if one.state in {"skipped", "failed"}:
            self.skipped += one.state == "skipped"
            self.failed += one.state == "failed"
            self.problems += [one] if len(self.problems) < _FEW else []
        elif is_there:
            self.there = _plus(self.there, one)
        else:
            self.new = _plus(self.new, one)
            self.unsized += one.size is None
            self.sessions[one.session] = _plus(self.sessions.get(one.session, Count()), one)


def checked(one: Wanted, urls: Urls) -> Wanted:
    """Return what a source lists: failed, with the reason, where its address alone tells that it cannot come."""
    if one.state == "todo" and one.storage_id is None:
        try:
            urls.check(one.address)
        except StudyBuddyError as error:
            return replace(one, state="failed", problem=reason_of(error))
    return one


def _plus(count: Count, one: Wanted) -> Count:
    return Count(count.files + 1, count.bytes + (one.size or 0))
