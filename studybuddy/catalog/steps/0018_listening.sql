-- Notes and bookmarks belong to a recording. When its file is deleted for good, they stay with its lecture, and go over to
-- the recording that the lecture gets next.
CREATE TABLE recording_notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file_id INTEGER REFERENCES files (id) ON DELETE CASCADE,
    lecture_id INTEGER REFERENCES lectures (id) ON DELETE CASCADE,  -- only while there is no file
    at_ms INTEGER NOT NULL CHECK (at_ms >= 0),
    text TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CHECK ((file_id IS NULL) <> (lecture_id IS NULL))
) STRICT;
INSERT INTO recording_notes
    SELECT notes.id, audio_file_id, iif(audio_file_id IS NULL, lecture_id, NULL), at_ms, text, now, now
    FROM notes JOIN lectures ON lectures.id = lecture_id, (SELECT strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') AS now);
DROP TABLE notes;
ALTER TABLE recording_notes RENAME TO notes;
CREATE INDEX notes_by_file ON notes (file_id, at_ms, id);
CREATE INDEX notes_by_lecture ON notes (lecture_id) WHERE lecture_id IS NOT NULL;

CREATE TABLE bookmarks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file_id INTEGER REFERENCES files (id) ON DELETE CASCADE,
    lecture_id INTEGER REFERENCES lectures (id) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL CHECK (at_ms >= 0),
    text TEXT NOT NULL,  -- its name; may be empty
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CHECK ((file_id IS NULL) <> (lecture_id IS NULL))
) STRICT;
CREATE INDEX bookmarks_by_file ON bookmarks (file_id, at_ms, id);
CREATE INDEX bookmarks_by_lecture ON bookmarks (lecture_id) WHERE lecture_id IS NOT NULL;

CREATE TRIGGER marks_stay BEFORE DELETE ON files
WHEN EXISTS (SELECT 1 FROM lectures WHERE audio_file_id = OLD.id)
BEGIN
    UPDATE notes SET file_id = NULL, lecture_id = (SELECT min(id) FROM lectures WHERE audio_file_id = OLD.id)
        WHERE file_id = OLD.id;
    UPDATE bookmarks SET file_id = NULL, lecture_id = (SELECT min(id) FROM lectures WHERE audio_file_id = OLD.id)
        WHERE file_id = OLD.id;
END;
CREATE TRIGGER marks_follow AFTER UPDATE OF audio_file_id ON lectures
WHEN NEW.audio_file_id IS NOT NULL
BEGIN
    UPDATE notes SET file_id = NEW.audio_file_id, lecture_id = NULL
        WHERE lecture_id = NEW.id OR file_id = OLD.audio_file_id;
    UPDATE bookmarks SET file_id = NEW.audio_file_id, lecture_id = NULL
        WHERE lecture_id = NEW.id OR file_id = OLD.audio_file_id;
END;

-- A recording beside a document of which a page is shown from a moment on.
CREATE TABLE pins (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    document_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE CHECK (document_id <> file_id),
    page INTEGER NOT NULL CHECK (page >= 1),
    at_ms INTEGER NOT NULL CHECK (at_ms >= 0),
    created_at TEXT NOT NULL,
    UNIQUE (file_id, document_id, at_ms)
) STRICT;
CREATE INDEX pins_by_document ON pins (document_id);

-- Where each person stopped listening, and how fast they listened.
CREATE TABLE listening (
    person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL CHECK (at_ms >= 0),
    duration_ms INTEGER NOT NULL CHECK (duration_ms >= 0),  -- as the player measured it; 0: not known
    rate_percent INTEGER NOT NULL CHECK (rate_percent BETWEEN 50 AND 300),
    updated_at TEXT NOT NULL,
    PRIMARY KEY (person_id, file_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX listening_by_file ON listening (file_id);
CREATE INDEX listening_by_time ON listening (person_id, updated_at);
