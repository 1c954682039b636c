-- When the outbox tries again after it failed, so that its growing pauses survive a restart.
CREATE TABLE outbox_storages (
    storage_id INTEGER PRIMARY KEY REFERENCES storages (id),
    tries INTEGER NOT NULL,  -- in vain, one after another
    next_try_at TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;

CREATE TABLE outbox_files (
    file_id INTEGER PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
    tries INTEGER NOT NULL,
    next_try_at TEXT NOT NULL
) STRICT;
