CREATE INDEX files_by_origin ON files (origin_url) WHERE origin_url IS NOT NULL;

CREATE TABLE imports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('storage', 'table')),
    source TEXT NOT NULL,  -- a storage's identity, or where a table is
    label TEXT NOT NULL,   -- the source, for people
    options TEXT NOT NULL, -- JSON: what is needed to list it again
    target_id INTEGER NOT NULL REFERENCES storages (id),
    state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'done', 'failed')),
    reason TEXT NOT NULL DEFAULT '',  -- why it is paused
    is_listed INTEGER NOT NULL DEFAULT 0 CHECK (is_listed IN (0, 1)),
    writer TEXT,  -- the claim of the process that works on it
    started_at TEXT NOT NULL,
    ended_at TEXT
) STRICT;

CREATE TABLE import_items (
    import_id INTEGER NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    place TEXT NOT NULL,       -- where it stands in a table: its row and column
    origin_url TEXT NOT NULL,  -- what it is known by: no two files have the same
    storage_id INTEGER REFERENCES storages (id),  -- null: its bytes are fetched from `address`
    address TEXT NOT NULL,     -- its key in that storage, or its URL
    name TEXT NOT NULL,
    session TEXT NOT NULL,
    lecture TEXT,
    expected TEXT,             -- the kind that its column's name tells
    recorded_on TEXT,
    created_at TEXT,
    size INTEGER,              -- bytes, where the source tells
    state TEXT NOT NULL CHECK (state IN ('todo', 'done', 'there', 'skipped', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    file_id INTEGER,
    error TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (import_id, position),
    UNIQUE (import_id, origin_url, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_items_by_state ON import_items (import_id, state, position);

-- How many items are in each state.
CREATE TABLE import_counts (
    import_id INTEGER NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (import_id, state)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER import_items_insert AFTER INSERT ON import_items
BEGIN
    INSERT INTO import_counts VALUES (NEW.import_id, NEW.state, 1, coalesce(NEW.size, 0))
        ON CONFLICT DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER import_items_update AFTER UPDATE OF state, size ON import_items
WHEN NEW.state <> OLD.state OR NEW.size IS NOT OLD.size
BEGIN
    UPDATE import_counts SET files = files - 1, bytes = bytes - coalesce(OLD.size, 0)
        WHERE import_id = OLD.import_id AND state = OLD.state;
    INSERT INTO import_counts VALUES (NEW.import_id, NEW.state, 1, coalesce(NEW.size, 0))
        ON CONFLICT DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;
END;
