"""The search: what is found, a page at a time, each with the piece of its text that shows it best."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from studybuddy.catalog import Database, cursors, found, plain_transcripts
from studybuddy.catalog.found import FileShown, SessionShown
from studybuddy.catalog.passages import joined
from studybuddy.catalog.search import Finder, MarkFound, TextFound
from studybuddy.catalog.search_filter import Narrowed
from studybuddy.search.markdown import without_marks
from studybuddy.search.query import Query, Term, parse
from studybuddy.search.ranking import KEY_LENGTH, Group, ranked
from studybuddy.search.snippets import Piece, Snippet, marked, snippet

What = Literal["page", "transcript", "notes", "note", "bookmark"]

MAX_LIMIT = 100  # files and sessions
_HITS = 3  # shown of each
_HITS_IN_FILE = 200  # where one file alone is searched
_LEAD_MS = 3000  # so much before a word a recording is opened


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in a text: a page, a moment of a recording, or notes on a session."""

    what: What
    page: int | None
    at_ms: int | None
    pieces: tuple[Piece, ...]

    @property
    def second(self) -> int | None:
        """The second that a recording is opened at: a little before; at its start when nobody knows the moment."""
        if self.at_ms is None:
            return 0 if self.what == "transcript" else None
        return max(0, self.at_ms - _LEAD_MS) // 1000


@dataclass(frozen=True, slots=True)
class Found:
    """A file or a session, and where in it something was found: the best place, then others in their order."""

    session: SessionShown
    file: FileShown | None
    title: tuple[Piece, ...]
    hits: tuple[Hit, ...]
    count: int  # of all places; at least


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what was found."""

    found: tuple[Found, ...]
    next: str | None
    complete: bool  # False: of very many places, only the newest were looked at
    understood: bool  # False: nothing in the query can be searched


def find(db: Database, text: str, narrowed: Narrowed, *, limit: int = 20, after: str | None = None) -> Results:
    """Find what a person asks for; titles and names first, then texts by how well they fit."""
    query = parse(text)
    behind = tuple(cursors.decode(after, "search", *[int] * KEY_LENGTH)) if after else None
    if not query.wanted:
        return Results((), None, complete=True, understood=False)
    all_ranked = ranked(Finder(db, narrowed), query)
    left = [group for group in all_ranked.groups if behind is None or group.key > behind]
    limit = max(1, min(limit, MAX_LIMIT))
    shown = left[:limit]
    hits = _HITS if narrowed.file_id is None else _HITS_IN_FILE
    return Results(
        _Showing(db, query, hits).show(shown),
        cursors.encode("search", *shown[-1].key) if len(left) > limit else None,
        complete=all_ranked.complete,
        understood=True,
    )


class _Showing:
    """Loads what is shown of groups."""

    def __init__(self, db: Database, query: Query, hits: int) -> None:
        self._db = db
        self._terms: Sequence[Term] = query.wanted
        self._hits = hits

    def show(self, groups: Sequence[Group]) -> tuple[Found, ...]:
        """Return groups with their titles and places."""
        files = found.files(self._db, [group.id for group in groups if not group.is_session])
        sessions = found.sessions(
            self._db,
            [*{file.session_id for file in files.values()}, *(group.id for group in groups if group.is_session)],
        )
        return tuple(
            self._session(group, sessions[group.id])
            if group.is_session
            else self._file(group, files[group.id], sessions[files[group.id].session_id])
            for group in groups
        )

    def _session(self, group: Group, session: SessionShown) -> Found:
        title = marked(session.title, self._terms)
        return Found(session, None, title, self._places(group, None), len(group.places))

    def _file(self, group: Group, file: FileShown, session: SessionShown) -> Found:
        title = marked(file.lecture or file.name, self._terms)
        return Found(session, file, title, self._places(group, file), len(group.places))

    def _places(self, group: Group, file: FileShown | None) -> tuple[Hit, ...]:
        best_first = sorted(group.places, key=lambda place: place.order)[: self._hits]
        hits = [self._hit(place.text, file) for place in best_first]
        # Two passages may share the words that were found.
        different = list({(hit.what, hit.page, hit.at_ms): hit for hit in reversed(hits)}.values())[::-1]
        first = [] if self._hits > _HITS else different[:1]
        return (*first, *sorted(different[len(first) :], key=_in_order))

    def _hit(self, text: TextFound | MarkFound, file: FileShown | None) -> Hit:
        if isinstance(text, MarkFound):
            part = self._snippet(text.text, is_markdown=text.what == "notes")
            return Hit(text.what, None, text.at_ms, part.pieces)
        if text.page is not None:
            page = found.page_text(self._db, text.file_id, text.page)
            part = self._snippet(page, is_markdown=file is not None and file.content_type.startswith("text/markdown"))
            return Hit("page", text.page, None, part.pieces)
        return self._spoken(text)

    def _snippet(self, text: str, *, is_markdown: bool) -> Snippet:
        if is_markdown:
            part = snippet(without_marks(text), self._terms)
            if part.at is not None:  # else the word stands in a link's address
                return part
        return snippet(text, self._terms)

    def _spoken(self, passage: TextFound) -> Hit:
        if plain_transcripts.has_times(self._db, passage.file_id) is False:
            text = found.passage_text(self._db, passage)
            return Hit("transcript", None, None, snippet(text, self._terms).pieces)
        cues = found.cues(self._db, passage)
        part = snippet(joined(cues), self._terms)
        end = 0
        for cue in cues:
            begin, end = end, end + len(cue.text) + 1
            if part.at is None or part.at < end:
                break
        within = 0 if part.at is None else (part.at - begin) / (len(cue.text) + 1)
        return Hit("transcript", None, round(cue.start_ms + within * (cue.end_ms - cue.start_ms)), part.pieces)


def _in_order(hit: Hit) -> tuple[int, int]:
    return hit.page or 0, hit.at_ms or 0
