"""What a run of `add` did with each file: nothing is left out."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click

from studybuddy.adding.folders import Found
from studybuddy.adding.new_files import Added
from studybuddy.catalog.records import Duplicate, File
from studybuddy.cli.output import answer, sentences
from studybuddy.errors import InvalidInputError, StudyBuddyError
from studybuddy.names import shown_name
from studybuddy.shapes import Json, file_json
from studybuddy.storages import Storages
from studybuddy.units import count_text, size_text


@dataclass(frozen=True, slots=True)
class Saved:
    """A file that is safe, and the one that it was linked to instead of being kept twice."""

    found: Found
    added: Added
    linked_to: File | None = None


@dataclass(slots=True)
class Report:
    """Everything that a run met."""

    storages: Storages
    as_json: bool
    seconds: float = 0
    not_tried: int = 0  # because the person stopped it
    at_once: bool = False  # so that what was under way is not told
    all_saved: list[Saved] = field(default_factory=list)
    skipped: list[Found] = field(default_factory=list)
    failed: list[tuple[Path, StudyBuddyError]] = field(default_factory=list)
    tried: int = 0
    documents: list[Json] = field(default_factory=list)

    def saved(self, one: Saved) -> None:
        self.tried += 1
        self.all_saved.append(one)
        if self.as_json:  # at once, while others are still being saved
            self.documents.append(self._saved_json(one))

    def failure(self, path: Path, error: StudyBuddyError) -> None:
        self.tried += 1
        self.failed.append((path, error))

    def problem(self, found: Found) -> None:
        """Take note of what the walk could not give."""
        if found.failed:
            self.failed.append((found.path, InvalidInputError(f"Not added, {found.problem}")))
        else:
            self.skipped.append(found)

    @property
    def exit_code(self) -> int:
        """0: all is added; 1: something failed; 130: stopped."""
        return 130 if self.not_tried else 1 if self.failed else 0

    def tell(self) -> None:
        """Print all of it."""
        if self.as_json:
            answer(self._json())
            return
        for line in self._lines():
            click.echo(line)
        for path, error in self.failed:
            click.echo(f"Failed: {_shown(path)}: {sentences(error)}", err=True)
        if self.not_tried:
            left = count_text(self.not_tried, "file was", "files were")
            doubt = ", or just being saved: see `files`" if self.at_once else ""
            click.echo(f"Stopped: {left} not added{doubt}.", err=True)

    def _lines(self) -> Iterator[str]:
        for one in self.all_saved:
            path, added = _shown(one.found.path), one.added
            if added.contradiction:
                yield f"Look at: {path}: {added.contradiction}."
            if one.linked_to:
                yield f"Linked: {path}: {_where(added.duplicates[0])} holds the same bytes and is shown instead."
            elif added.duplicates:
                yield f"Duplicate: {path}: {_where(added.duplicates[0])} holds the same bytes; both are kept."
            if added.wanted:
                yield f"Waiting: {path}: saved in {added.stored_in}, meant for {added.wanted}: {added.reason}."
        for found in self.skipped:
            yield f"Skipped: {_shown(found.path)}: {found.problem}."
        yield self._sum()

    def _sum(self) -> str:
        linked = sum(one.linked_to is not None for one in self.all_saved)
        size = sum(one.added.file.size for one in self.all_saved)
        speed = f", {size_text(round(size / self.seconds))}/s" if self.seconds and size else ""
        parts = [
            f"Added {count_text(len(self.all_saved) - linked, 'file')}",
            f"linked {linked:,}" if linked else "",
            f"skipped {len(self.skipped):,}" if self.skipped else "",
            f"failed {len(self.failed):,}" if self.failed else "",
        ]
        return ", ".join(part for part in parts if part) + f" ({size_text(size)} in {self.seconds:.1f} s{speed})."

    def _json(self) -> Json:
        document: Json = {
            "added": self.documents,
            "skipped": [{"path": str(found.path), "reason": found.problem} for found in self.skipped],
            "failed": [
                {"path": str(path), "code": error.code, "message": str(error), "fix": error.fix}
                for path, error in self.failed
            ],
            "not_tried": self.not_tried,
            "bytes": sum(one.added.file.size for one in self.all_saved),
            "seconds": round(self.seconds, 3),
        }
        if self.exit_code:
            message = f"{count_text(len(self.failed) + self.not_tried, 'file was', 'files were')} not added"
            document["error"] = {"code": "not_all_added", "message": message, "fix": "See failed, then add them again."}
        return document

    def _saved_json(self, one: Saved) -> Json:
        added = one.added
        return {
            "path": str(one.found.path),
            "file": file_json(one.linked_to or added.file, self.storages),
            "stored_in": added.stored_in,
            "wanted": added.wanted,
            "reason": added.reason,
            "contradiction": added.contradiction,
            "duplicates": [asdict(duplicate) for duplicate in added.duplicates],
            "linked": one.linked_to is not None,
        }


def _shown(path: Path) -> str:
    return shown_name(str(path))


def _where(duplicate: Duplicate) -> str:
    name, title = shown_name(duplicate.name), shown_name(duplicate.session_title)
    return f"“{name}” (file {duplicate.file_id}) in “{title}”"
