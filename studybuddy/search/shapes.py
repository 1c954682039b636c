"""What was found as JSON: the same in the HTTP API and on the command line."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from studybuddy.shapes import Json

if TYPE_CHECKING:
    from studybuddy.search.searching import Found, Hit, Results
    from studybuddy.search.snippets import Piece


def results_json(results: "Results", *, unread: int) -> Json:
    """Return what was found; `unread` files are still to be read: what stands in them cannot be found yet."""
    return {
        "results": [_found_json(found) for found in results.found],
        "next": results.next,
        "complete": results.complete,
        "understood": results.understood,
        "unread": unread,
    }


def _found_json(found: "Found") -> Json:
    session, file = found.session, found.file
    return {
        "session": {
            "id": session.id, "title": session.title, "subject": session.subject, "tags": list(session.tags),
        },
        "file": {"id": file.id, "name": file.name, "kind": file.kind, "lecture": file.lecture} if file else None,
        "title": _pieces_json(found.title),
        "hits": [_hit_json(hit) for hit in found.hits],
        "count": found.count,
    }  # fmt: skip


def _hit_json(hit: "Hit") -> Json:
    return {
        "what": hit.what,
        "page": hit.page,
        "at_ms": hit.at_ms,
        "second": hit.second,
        "text": _pieces_json(hit.pieces),
    }


def _pieces_json(pieces: "Iterable[Piece]") -> list[Json]:
    return [asdict(piece) for piece in pieces]
