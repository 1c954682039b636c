-- As they are needed: nothing was in the tables of before.
DROP TABLE migration_items;
DROP TABLE migrations;

CREATE TABLE migrations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id INTEGER NOT NULL REFERENCES storages (id),
    target_id INTEGER NOT NULL REFERENCES storages (id) CHECK (target_id <> source_id),
    scope TEXT NOT NULL,  -- JSON
    state TEXT NOT NULL CHECK (state IN ('planned', 'running', 'paused', 'done', 'failed', 'undone', 'cleaned')),
    reason TEXT NOT NULL DEFAULT '',  -- why it is paused
    planned_files INTEGER NOT NULL DEFAULT 0,
    planned_bytes INTEGER NOT NULL DEFAULT 0,
    bytes_per_second INTEGER CHECK (bytes_per_second > 0),  -- at most; null: as fast as it goes
    lease_owner TEXT,  -- the claim of the process that works on it
    pause_wanted INTEGER NOT NULL DEFAULT 0 CHECK (pause_wanted IN (0, 1)),
    created_at TEXT NOT NULL,
    started_at TEXT,
    ended_at TEXT
) STRICT;

CREATE TABLE migration_items (
    migration_id INTEGER NOT NULL REFERENCES migrations (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,  -- the order in which they move
    file_id INTEGER NOT NULL,
    size INTEGER NOT NULL,
    source_copy_id INTEGER NOT NULL,
    target_copy_id INTEGER,
    state TEXT NOT NULL
        CHECK (state IN ('todo', 'copying', 'switched', 'skipped', 'failed', 'undone', 'cleaned')),
    attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (migration_id, position)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX migration_items_by_file ON migration_items (migration_id, file_id);
CREATE INDEX migration_items_by_state ON migration_items (migration_id, state, position);

-- How many items are in each state. Inserting items counts them itself, all at once.
CREATE TABLE migration_counts (
    migration_id INTEGER NOT NULL REFERENCES migrations (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (migration_id, state)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER migration_items_count AFTER UPDATE OF state ON migration_items WHEN NEW.state <> OLD.state
BEGIN
    UPDATE migration_counts SET files = files - 1, bytes = bytes - OLD.size
        WHERE migration_id = OLD.migration_id AND state = OLD.state;
    INSERT INTO migration_counts VALUES (NEW.migration_id, NEW.state, 1, NEW.size)
        ON CONFLICT DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;
END;
