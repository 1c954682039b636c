-- What came of each backup, so that a person sees whether their library is backed up.
CREATE TABLE backups (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    place TEXT NOT NULL,  -- for people
    automatic INTEGER NOT NULL CHECK (automatic IN (0, 1)),
    at TEXT NOT NULL,
    done INTEGER NOT NULL CHECK (done IN (0, 1)),  -- 0: it failed
    files INTEGER NOT NULL,
    size INTEGER NOT NULL,
    content TEXT NOT NULL,  -- a hash of what it tells, to see whether anything has changed since
    reason TEXT NOT NULL DEFAULT ''  -- why it failed, or is not where it should be
) STRICT;

-- Tells this library from another whose backups lie in the same place.
CREATE TABLE library (id TEXT NOT NULL) STRICT;
INSERT INTO library VALUES (lower(hex(randomblob(16))));
