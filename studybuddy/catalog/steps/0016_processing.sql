-- As it is needed: nothing was in the table of before. One row for each file that was ever acknowledged.
DROP TABLE jobs;

CREATE TABLE jobs (
    file_id INTEGER PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('pending', 'processing', 'done', 'failed', 'skipped')),
    trashed INTEGER NOT NULL DEFAULT 0 CHECK (trashed IN (0, 1)),  -- whether the file is in the trash
    urgency INTEGER NOT NULL DEFAULT 1,  -- 0: a person asked for it, 1: it was added, 2: it was here before
    next_at TEXT NOT NULL DEFAULT '',    -- not before; empty: as soon as it can be
    attempts INTEGER NOT NULL DEFAULT 0, -- in vain, since it was last asked for
    lease_owner TEXT,                    -- the claim of the process that works on it
    progress REAL NOT NULL DEFAULT 0,    -- 0 to 1
    reason TEXT NOT NULL DEFAULT '',     -- why it failed, was skipped, or waits
    fix TEXT NOT NULL DEFAULT '',
    remarks TEXT NOT NULL DEFAULT '[]',  -- JSON: what the person should know
    made TEXT NOT NULL DEFAULT '[]',     -- JSON: the names of the files that were made from it
    version INTEGER NOT NULL DEFAULT 0,  -- of the code that has read it
    ended_at TEXT
) STRICT;

INSERT INTO jobs (file_id, state, trashed, urgency, reason)
    SELECT id, CASE kind WHEN 'other' THEN 'skipped' ELSE 'pending' END, trashed_at IS NOT NULL, 2,
        CASE kind WHEN 'other' THEN 'There is nothing to read in files of this kind' ELSE '' END
    FROM files WHERE current_copy_id IS NOT NULL ORDER BY id;
CREATE INDEX jobs_waiting ON jobs (urgency, next_at, file_id) WHERE state = 'pending' AND trashed = 0;
CREATE INDEX jobs_processing ON jobs (file_id) WHERE state = 'processing';
CREATE INDEX jobs_failed ON jobs (ended_at, file_id) WHERE state = 'failed' AND trashed = 0;

-- How many files outside the trash are in each state.
CREATE TABLE job_counts (
    state TEXT NOT NULL PRIMARY KEY,
    files INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO job_counts SELECT state, count(*) FROM jobs WHERE trashed = 0 GROUP BY state;
CREATE TRIGGER jobs_count_insert AFTER INSERT ON jobs WHEN NEW.trashed = 0
BEGIN
    INSERT INTO job_counts VALUES (NEW.state, 1) ON CONFLICT DO UPDATE SET files = files + 1;
END;
CREATE TRIGGER jobs_count_delete AFTER DELETE ON jobs WHEN OLD.trashed = 0
BEGIN
    UPDATE job_counts SET files = files - 1 WHERE state = OLD.state;
END;
CREATE TRIGGER jobs_count_update AFTER UPDATE OF state, trashed ON jobs
WHEN NEW.state <> OLD.state OR NEW.trashed <> OLD.trashed
BEGIN
    UPDATE job_counts SET files = files - 1 WHERE state = OLD.state AND OLD.trashed = 0;
    INSERT INTO job_counts SELECT NEW.state, 1 WHERE NEW.trashed = 0 ON CONFLICT DO UPDATE SET files = files + 1;
END;

CREATE TRIGGER files_job_insert AFTER INSERT ON files WHEN NEW.current_copy_id IS NOT NULL
BEGIN
    INSERT INTO jobs (file_id, state, trashed, reason) VALUES (
        NEW.id, CASE NEW.kind WHEN 'other' THEN 'skipped' ELSE 'pending' END, NEW.trashed_at IS NOT NULL,
        CASE NEW.kind WHEN 'other' THEN 'There is nothing to read in files of this kind' ELSE '' END);
END;
CREATE TRIGGER files_job_current AFTER UPDATE OF current_copy_id ON files
WHEN OLD.current_copy_id IS NULL AND NEW.current_copy_id IS NOT NULL
BEGIN
    INSERT OR IGNORE INTO jobs (file_id, state, trashed, reason) VALUES (
        NEW.id, CASE NEW.kind WHEN 'other' THEN 'skipped' ELSE 'pending' END, NEW.trashed_at IS NOT NULL,
        CASE NEW.kind WHEN 'other' THEN 'There is nothing to read in files of this kind' ELSE '' END);
END;
CREATE TRIGGER files_job_trash AFTER UPDATE OF trashed_at ON files
WHEN (NEW.trashed_at IS NULL) <> (OLD.trashed_at IS NULL)
BEGIN
    UPDATE jobs SET trashed = NEW.trashed_at IS NOT NULL WHERE file_id = NEW.id;
END;

CREATE TABLE facts (
    file_id INTEGER PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
    content TEXT NOT NULL  -- JSON: what is known of the file, e.g. duration_ms, codec, width
) STRICT;

-- `file_id` is what is played; `source_id` the file that the words were read from, e.g. a recording's captions.
ALTER TABLE cues ADD COLUMN source_id INTEGER REFERENCES files (id) ON DELETE CASCADE;
CREATE INDEX cues_by_source ON cues (source_id);

-- The sessions in which captions may belong to other recordings than before.
CREATE TABLE transcripts_due (session_id INTEGER PRIMARY KEY) STRICT;
CREATE TRIGGER files_transcripts AFTER UPDATE OF name, session_id, current_copy_id, trashed_at ON files
WHEN NEW.kind IN ('audio', 'caption') AND (
    NEW.name <> OLD.name OR NEW.session_id <> OLD.session_id
    OR (NEW.current_copy_id IS NULL) <> (OLD.current_copy_id IS NULL)
    OR (NEW.trashed_at IS NULL) <> (OLD.trashed_at IS NULL))
BEGIN
    INSERT OR IGNORE INTO transcripts_due SELECT value FROM json_each(json_array(OLD.session_id, NEW.session_id))
        WHERE NEW.kind = 'caption'
        OR EXISTS (SELECT 1 FROM holdings WHERE session_id = value AND kind = 'caption');
END;
-- Before: what a recording's captions say goes back to the captions, which stay.
CREATE TRIGGER files_transcripts_delete BEFORE DELETE ON files WHEN OLD.kind IN ('audio', 'caption')
BEGIN
    INSERT INTO cues (file_id, start_ms, end_ms, text, source_id)
        SELECT source_id, start_ms, end_ms, text, source_id FROM cues
        WHERE file_id = OLD.id AND source_id <> OLD.id;
    DELETE FROM cues WHERE file_id = OLD.id;
    INSERT OR IGNORE INTO transcripts_due VALUES (OLD.session_id);
END;
