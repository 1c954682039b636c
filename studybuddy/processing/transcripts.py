"""Whose transcript is whose: a caption file belongs to the recording of its name, or to its session's only recording.

A plain text belongs to the recording of its name while nothing with times does.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from unicodedata import normalize

from studybuddy.catalog import Database, contents, plain_transcripts, transcriptions
from studybuddy.catalog.contents import Spoken

_LANGUAGE = re.compile(r"\.[a-z]{2,3}(?:-[a-z0-9]{2,8})*")  # week-1.en.vtt, week-1.pt-br.srt


def settle_due(db: Database) -> None:
    """Let what captions and texts say belong to the right recordings where files have come, gone or been renamed."""
    for session_id in contents.sessions_due(db):
        settle(db, session_id)


def settle(db: Database, session_id: int) -> None:
    """Let what the captions and texts of a session say belong to the right recordings."""
    spoken = contents.spoken_in(db, session_id)
    pairs, texts = pair(spoken), pair_texts(spoken)
    captions = contents.captions_in(db, session_id)
    # First what goes back: no recording may have two transcripts even for a moment.
    for text_id, shown_at in plain_transcripts.shown_in(db, session_id).items():
        if texts.get(text_id) != shown_at or shown_at in pairs.values():
            plain_transcripts.take_away(db, text_id)
    for caption_id in sorted(captions, key=lambda caption_id: caption_id in pairs):
        contents.give_cues(db, caption_id, to=pairs.get(caption_id, caption_id))
    for one in spoken:
        if one.kind == "audio":
            transcriptions.show(db, one.file_id)
    for text_id, recording_id in texts.items():
        if plain_transcripts.has_times(db, recording_id) is None:
            plain_transcripts.show(db, text_id, at=recording_id)
    contents.settled(db, session_id)


def pair(spoken: Sequence[Spoken]) -> dict[int, int]:
    """Return the recording that each caption belongs to; one without has none, and no recording has two.

    Of several captions for one recording the one without a language in its name wins, then the one added first.
    """
    recordings = [one for one in spoken if one.kind == "audio"]
    captions = [one for one in spoken if one.kind == "caption"]
    pairs = _by_name(captions, recordings)
    if len(recordings) == 1:
        pairs = _first_of_each([*pairs.items(), *((one.file_id, recordings[0].file_id) for one in captions)])
    return pairs


def pair_texts(spoken: Sequence[Spoken]) -> dict[int, int]:
    """Return the recording that each plain text has the name of; of several texts as of several captions."""
    texts = [one for one in spoken if one.kind == "document"]
    return _by_name(texts, [one for one in spoken if one.kind == "audio"])


def _by_name(texts: Sequence[Spoken], recordings: Sequence[Spoken]) -> dict[int, int]:
    by_stem: dict[str, int] = {}
    for recording in recordings:
        by_stem.setdefault(_stem(recording.name), recording.file_id)
    pairs = _first_of_each((one.file_id, by_stem.get(_stem(one.name))) for one in texts)
    without_language = ((one.file_id, by_stem.get(_LANGUAGE.sub("", _stem(one.name)))) for one in texts)
    return _first_of_each([*pairs.items(), *without_language])


def _first_of_each(wanted: Iterable[tuple[int, int | None]]) -> dict[int, int]:
    """Keep the first pair of each caption or text, and of each recording."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for caption_id, recording_id in wanted:
        if recording_id is not None and recording_id not in taken and caption_id not in pairs:
            pairs[caption_id] = recording_id
            taken.add(recording_id)
    return pairs


def _stem(name: str) -> str:
    return normalize("NFC", PurePath(name).stem).casefold().strip()
