CREATE TABLE storages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    url TEXT NOT NULL UNIQUE,  -- its identity: local:{uuid} or s3://bucket/prefix?endpoint=...
    label TEXT NOT NULL,       -- for people
    base_url TEXT NOT NULL,    -- where its objects are today: base_url || key is an object's own URL
    region TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE people (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id INTEGER NOT NULL REFERENCES people (id),
    private INTEGER NOT NULL DEFAULT 0 CHECK (private IN (0, 1)),
    title TEXT NOT NULL CHECK (title <> ''),
    title_key TEXT NOT NULL DEFAULT '',  -- what titles are sorted by; like all counts, kept by triggers
    subject TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    trashed_at TEXT,
    file_count INTEGER NOT NULL DEFAULT 0,
    lecture_count INTEGER NOT NULL DEFAULT 0,
    size INTEGER NOT NULL DEFAULT 0,
    description TEXT NOT NULL DEFAULT '',  -- last: what stands behind a long text is slow to read
    CHECK (updated_at >= created_at)
) STRICT;
CREATE INDEX sessions_by_updated ON sessions (updated_at, id) WHERE trashed_at IS NULL;
CREATE INDEX sessions_by_created ON sessions (created_at, id) WHERE trashed_at IS NULL;
CREATE INDEX sessions_by_title ON sessions (title_key, id) WHERE trashed_at IS NULL;
CREATE INDEX sessions_by_exact_title ON sessions (title, id) WHERE trashed_at IS NULL;
CREATE INDEX sessions_by_size ON sessions (size, id) WHERE trashed_at IS NULL;
CREATE INDEX sessions_by_subject ON sessions (subject, updated_at, id) WHERE trashed_at IS NULL;
CREATE INDEX sessions_trashed ON sessions (trashed_at, id) WHERE trashed_at IS NOT NULL;
CREATE INDEX sessions_by_owner ON sessions (owner_id);

CREATE TABLE tags (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (name <> '')
) STRICT;
CREATE TABLE session_tags (
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    tag_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    PRIMARY KEY (session_id, tag_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_tags_by_tag ON session_tags (tag_id, session_id);

CREATE TABLE files (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    kind TEXT NOT NULL CHECK (kind IN ('document', 'audio', 'image', 'caption', 'other')),
    name TEXT NOT NULL CHECK (name <> ''),
    name_key TEXT NOT NULL DEFAULT '',  -- what names are sorted by, kept by triggers
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL CHECK (size >= 0),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    duration_ms INTEGER,  -- of a recording; null: not known
    wanted_storage_id INTEGER REFERENCES storages (id),  -- not null: in the outbox, on its way there
    wanted_reason TEXT NOT NULL DEFAULT '',
    current_copy_id INTEGER REFERENCES copies (id) DEFERRABLE INITIALLY DEFERRED,  -- null: not acknowledged yet
    storage_id INTEGER REFERENCES storages (id),  -- of the current copy, kept by triggers
    created_at TEXT NOT NULL,
    trashed_at TEXT,
    origin_url TEXT,
    upload_id TEXT UNIQUE  -- the resumable upload that it came by: finishing one twice makes one file
) STRICT;
CREATE INDEX files_by_session ON files (session_id, name_key, id);
CREATE INDEX files_by_sha256 ON files (sha256);
CREATE INDEX files_by_copy ON files (current_copy_id);
CREATE INDEX files_by_place ON files (storage_id, kind, id) WHERE trashed_at IS NULL AND storage_id IS NOT NULL;
CREATE INDEX files_trashed ON files (trashed_at, id) WHERE trashed_at IS NOT NULL;
CREATE INDEX files_wanted ON files (wanted_storage_id, id) WHERE wanted_storage_id IS NOT NULL;

CREATE TABLE copies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file_id INTEGER REFERENCES files (id) ON DELETE SET NULL,
    storage_id INTEGER NOT NULL REFERENCES storages (id),
    key TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('writing', 'verified', 'doomed', 'bad')),
    writer TEXT,  -- the claim of the process that writes it
    verified_at TEXT,
    created_at TEXT NOT NULL,
    UNIQUE (storage_id, key)
) STRICT;
CREATE INDEX copies_by_file ON copies (file_id);
CREATE INDEX copies_unsettled ON copies (state, id) WHERE state IN ('writing', 'doomed', 'bad');

CREATE TABLE links (
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    PRIMARY KEY (session_id, file_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_by_file ON links (file_id);

CREATE TABLE lectures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id INTEGER NOT NULL REFERENCES sessions (id),
    title TEXT NOT NULL CHECK (title <> ''),
    recorded_on TEXT,  -- a date, YYYY-MM-DD
    audio_file_id INTEGER REFERENCES files (id) ON DELETE SET NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX lectures_by_session ON lectures (session_id, recorded_on, id);
CREATE INDEX lectures_by_file ON lectures (audio_file_id);

INSERT INTO people (name, created_at) VALUES ('me', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
