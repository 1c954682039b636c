CREATE TABLE pages (
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number >= 1),
    text TEXT NOT NULL,
    PRIMARY KEY (file_id, number)
) STRICT;

CREATE TABLE cues (
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    start_ms INTEGER NOT NULL CHECK (start_ms >= 0),
    end_ms INTEGER NOT NULL CHECK (end_ms >= start_ms),
    text TEXT NOT NULL
) STRICT;
CREATE INDEX cues_by_file ON cues (file_id, start_ms);

CREATE TABLE notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lecture_id INTEGER NOT NULL REFERENCES lectures (id) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL CHECK (at_ms >= 0),
    text TEXT NOT NULL
) STRICT;
CREATE INDEX notes_by_lecture ON notes (lecture_id, at_ms);
