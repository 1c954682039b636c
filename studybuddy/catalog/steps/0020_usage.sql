-- Sizes at which bills change: objects are held by the band that they are in, each from `least` bytes up to the next.
CREATE TABLE bands (least INTEGER PRIMARY KEY) STRICT;
INSERT INTO bands VALUES (0), (4096), (131072), (1048576), (8388609), (67108865), (536870912), (5368709120);

-- What came to each storage on each day and what went, so that what is there, on any day, is a sum of few rows.
-- An object is there from when its copy is verified until it is doomed, also when it was found bad; kept by triggers.
CREATE TABLE held_days (
    storage_id INTEGER NOT NULL,
    day TEXT NOT NULL,             -- UTC, YYYY-MM-DD
    least INTEGER NOT NULL,        -- of its band
    objects INTEGER NOT NULL,      -- that came, less those that went
    bytes INTEGER NOT NULL,
    gone_objects INTEGER NOT NULL,
    gone_bytes INTEGER NOT NULL,
    byte_hours INTEGER NOT NULL,   -- of what came, less what went, until this day's end
    PRIMARY KEY (storage_id, day, least)
) STRICT, WITHOUT ROWID;

INSERT INTO held_days
SELECT copies.storage_id, substr(coalesce(verified_at, copies.created_at), 1, 10),
    (SELECT max(least) FROM bands WHERE least <= size), count(*), sum(size), 0, 0,
    sum(size * (24 - substr(coalesce(verified_at, copies.created_at), 12, 2)))
FROM copies JOIN files ON files.id = copies.file_id WHERE state IN ('verified', 'bad') GROUP BY 1, 2, 3;

CREATE TRIGGER copies_held_insert AFTER INSERT ON copies WHEN NEW.state IN ('verified', 'bad')
BEGIN
    INSERT INTO held_days SELECT NEW.storage_id, date('now'), (SELECT max(least) FROM bands WHERE least <= size),
            1, size, 0, 0, size * (24 - strftime('%H', 'now')) FROM files WHERE id = NEW.file_id
        ON CONFLICT DO UPDATE SET objects = objects + 1, bytes = bytes + excluded.bytes,
            byte_hours = byte_hours + excluded.byte_hours;
END;
CREATE TRIGGER copies_held_enter AFTER UPDATE OF state ON copies
WHEN NEW.state IN ('verified', 'bad') AND OLD.state NOT IN ('verified', 'bad')
BEGIN
    INSERT INTO held_days SELECT NEW.storage_id, date('now'), (SELECT max(least) FROM bands WHERE least <= size),
            1, size, 0, 0, size * (24 - strftime('%H', 'now')) FROM files WHERE id = NEW.file_id
        ON CONFLICT DO UPDATE SET objects = objects + 1, bytes = bytes + excluded.bytes,
            byte_hours = byte_hours + excluded.byte_hours;
END;
CREATE TRIGGER copies_held_leave AFTER UPDATE OF state ON copies
WHEN OLD.state IN ('verified', 'bad') AND NEW.state NOT IN ('verified', 'bad')
BEGIN
    INSERT INTO held_days SELECT NEW.storage_id, date('now'), (SELECT max(least) FROM bands WHERE least <= size),
            -1, -size, 1, size, -size * (24 - strftime('%H', 'now')) FROM files WHERE id = OLD.file_id
        ON CONFLICT DO UPDATE SET objects = objects - 1, bytes = bytes + excluded.bytes,
            gone_objects = gone_objects + 1, gone_bytes = gone_bytes + excluded.gone_bytes,
            byte_hours = byte_hours + excluded.byte_hours;
END;

-- What the drivers sent and got on each day; the names are those of drivers/counters.py.
CREATE TABLE counts (
    storage_id INTEGER NOT NULL,
    day TEXT NOT NULL,  -- UTC, YYYY-MM-DD
    what TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (storage_id, day, what)
) STRICT, WITHOUT ROWID;

-- What the doctor saw in a storage that is paid for and that no list of objects shows.
CREATE TABLE sightings (
    storage_id INTEGER NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('unfinished_objects', 'unfinished_bytes', 'versioning')),
    amount INTEGER NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (storage_id, what)
) STRICT, WITHOUT ROWID;
