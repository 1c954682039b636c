CREATE TABLE migrations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id INTEGER NOT NULL REFERENCES storages (id),
    target_id INTEGER NOT NULL REFERENCES storages (id) CHECK (target_id <> source_id),
    scope TEXT NOT NULL,  -- JSON
    state TEXT NOT NULL CHECK (state IN ('planned', 'running', 'paused', 'done', 'failed', 'undone', 'cleaned')),
    planned_files INTEGER NOT NULL,
    planned_bytes INTEGER NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    lease_owner TEXT,
    lease_until TEXT,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE migration_items (
    migration_id INTEGER NOT NULL REFERENCES migrations (id) ON DELETE CASCADE,
    file_id INTEGER NOT NULL,
    source_copy_id INTEGER NOT NULL,
    target_copy_id INTEGER,
    state TEXT NOT NULL CHECK (state IN ('todo', 'copying', 'switched', 'failed', 'undone', 'cleaned')),
    attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (migration_id, file_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX migration_items_by_state ON migration_items (migration_id, state, file_id);

CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'processing', 'done', 'failed', 'skipped')),
    progress REAL NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    lease_owner TEXT,
    lease_until TEXT,
    created_at TEXT NOT NULL,
    UNIQUE (kind, subject)
) STRICT;
CREATE INDEX jobs_by_state ON jobs (state, id);
