-- Sessions that are on their way in: one whose process died is dropped, and can be brought again.
CREATE TABLE arrivals (
    session_id INTEGER PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    writer TEXT NOT NULL,  -- the claim of the process that brings it
    sha256s TEXT NOT NULL  -- JSON: of the files that it brings; every other file in it is a person's own
) STRICT;
