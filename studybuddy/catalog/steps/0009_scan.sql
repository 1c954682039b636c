CREATE TABLE scans (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    storage_id INTEGER NOT NULL REFERENCES storages (id),
    depth TEXT NOT NULL CHECK (depth IN ('sizes', 'checksums', 'deep')),
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'stopped', 'failed', 'repairing', 'removing')),
    writer TEXT,  -- the claim of the process that works on it
    copies INTEGER NOT NULL DEFAULT 0,  -- of the catalog's, compared so far
    of_copies INTEGER NOT NULL DEFAULT 0,
    objects INTEGER NOT NULL DEFAULT 0,  -- listed so far
    bytes INTEGER NOT NULL DEFAULT 0,
    healed INTEGER NOT NULL DEFAULT 0,  -- copies that were bad and are whole again
    error TEXT NOT NULL DEFAULT '',
    fix TEXT NOT NULL DEFAULT '',
    started_at TEXT NOT NULL,
    ended_at TEXT
) STRICT;
CREATE UNIQUE INDEX scans_busy ON scans (storage_id) WHERE state IN ('running', 'repairing', 'removing');
CREATE INDEX scans_by_storage ON scans (storage_id, id);

-- No foreign keys but one: what was found stays told when its file is gone.
CREATE TABLE findings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    scan_id INTEGER NOT NULL REFERENCES scans (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN (
        'missing', 'wrong_size', 'damaged', 'unreadable', 'no_copy', 'misplaced', 'unknown', 'stale_temporary')),
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'repaired', 'marked', 'removed', 'gone')),
    key TEXT NOT NULL,
    copy_id INTEGER,
    file_id INTEGER,
    size INTEGER NOT NULL,  -- bytes that are there
    modified_at TEXT,
    detail TEXT NOT NULL DEFAULT '',
    token TEXT NOT NULL DEFAULT ''  -- the uuid in the key, by which an object at a wrong key is known
) STRICT;
CREATE INDEX findings_by_scan ON findings (scan_id, id);
CREATE INDEX findings_by_kind ON findings (scan_id, kind, state, size);
CREATE INDEX findings_by_size ON findings (scan_id, size);
CREATE INDEX findings_by_token ON findings (scan_id, token) WHERE token <> '';
