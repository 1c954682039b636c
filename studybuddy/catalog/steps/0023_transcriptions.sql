-- Transcripts that a person asked for, made of a recording's sound: how far each is, and what came of it.
CREATE TABLE transcriptions (
    file_id INTEGER PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('pending', 'processing', 'done', 'failed')),
    asked_at TEXT NOT NULL,
    next_at TEXT NOT NULL DEFAULT '',    -- not before; empty: as soon as it can be
    attempts INTEGER NOT NULL DEFAULT 0, -- in vain, since the last part that was heard
    lease_owner TEXT,                    -- the claim of the process that works on it
    done_ms INTEGER NOT NULL DEFAULT 0,  -- so much of the recording has been heard
    progress REAL NOT NULL DEFAULT 0,    -- 0 to 1
    reason TEXT NOT NULL DEFAULT '',     -- why it failed, or waits
    fix TEXT NOT NULL DEFAULT '',
    ended_at TEXT
) STRICT;
CREATE INDEX transcriptions_waiting ON transcriptions (asked_at, file_id) WHERE state = 'pending';
CREATE INDEX transcriptions_processing ON transcriptions (file_id) WHERE state = 'processing';

-- A recording's own transcript while it is not shown: it is still being made, or captions stand before it.
CREATE TABLE spare_cues (
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    start_ms INTEGER NOT NULL CHECK (start_ms >= 0),
    end_ms INTEGER NOT NULL CHECK (end_ms >= start_ms),
    text TEXT NOT NULL
) STRICT;
CREATE INDEX spare_cues_by_file ON spare_cues (file_id, start_ms);
