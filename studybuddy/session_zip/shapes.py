"""What came of a session's zip as JSON."""

from dataclasses import asdict

from studybuddy.session_zip.unpacking import Brought
from studybuddy.shapes import Json, file_json, session_json
from studybuddy.storages import Storages


def brought_json(brought: Brought, storages: Storages) -> Json:
    """Return what came of it: nothing that was in it is left out."""
    return {
        "session": session_json(brought.session),
        "files": [
            file_json(added.file, storages) | {"duplicates": [asdict(duplicate) for duplicate in added.duplicates]}
            for added in brought.added
        ],
        "failed": [
            {"name": one.name, "code": one.error.code, "message": str(one.error), "fix": one.error.fix}
            for one in brought.failed
        ],
        "notes": brought.marks,
        "lost_notes": brought.lost_marks,
        "cards": brought.cards,
    }
