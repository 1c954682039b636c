-- Live files (acknowledged, not in the trash), counted by where they are.
CREATE TABLE holdings (
    session_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    storage_id INTEGER NOT NULL,
    files INTEGER NOT NULL,
    PRIMARY KEY (session_id, kind, storage_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX holdings_by_kind ON holdings (kind, session_id);
CREATE INDEX holdings_by_storage ON holdings (storage_id, session_id);

CREATE TABLE totals (
    storage_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    PRIMARY KEY (storage_id, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE days (
    day TEXT NOT NULL PRIMARY KEY,  -- UTC, YYYY-MM-DD
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session_totals (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sessions INTEGER NOT NULL
) STRICT;
INSERT INTO session_totals VALUES (1, 0);

CREATE TRIGGER files_count_insert AFTER INSERT ON files
WHEN NEW.current_copy_id IS NOT NULL AND NEW.trashed_at IS NULL
BEGIN
    INSERT INTO holdings SELECT NEW.session_id, NEW.kind, storage_id, 1 FROM copies WHERE id = NEW.current_copy_id
        ON CONFLICT DO UPDATE SET files = files + 1;
    INSERT INTO totals SELECT storage_id, NEW.kind, 1, NEW.size, coalesce(NEW.duration_ms, 0)
        FROM copies WHERE id = NEW.current_copy_id
        ON CONFLICT DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes,
            duration_ms = duration_ms + excluded.duration_ms;
    INSERT INTO days VALUES (substr(NEW.created_at, 1, 10), 1, NEW.size)
        ON CONFLICT DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;
    UPDATE sessions SET file_count = file_count + 1, size = size + NEW.size WHERE id = NEW.session_id;
END;

CREATE TRIGGER files_count_delete AFTER DELETE ON files
WHEN OLD.current_copy_id IS NOT NULL AND OLD.trashed_at IS NULL
BEGIN
    UPDATE holdings SET files = files - 1 WHERE session_id = OLD.session_id AND kind = OLD.kind
        AND storage_id = (SELECT storage_id FROM copies WHERE id = OLD.current_copy_id);
    DELETE FROM holdings WHERE session_id = OLD.session_id AND files = 0;
    UPDATE totals SET files = files - 1, bytes = bytes - OLD.size,
        duration_ms = duration_ms - coalesce(OLD.duration_ms, 0) WHERE kind = OLD.kind
        AND storage_id = (SELECT storage_id FROM copies WHERE id = OLD.current_copy_id);
    UPDATE days SET files = files - 1, bytes = bytes - OLD.size WHERE day = substr(OLD.created_at, 1, 10);
    UPDATE sessions SET file_count = file_count - 1, size = size - OLD.size WHERE id = OLD.session_id;
END;

CREATE TRIGGER files_count_leave
AFTER UPDATE OF session_id, kind, size, duration_ms, current_copy_id, trashed_at ON files
WHEN OLD.current_copy_id IS NOT NULL AND OLD.trashed_at IS NULL
BEGIN
    UPDATE holdings SET files = files - 1 WHERE session_id = OLD.session_id AND kind = OLD.kind
        AND storage_id = (SELECT storage_id FROM copies WHERE id = OLD.current_copy_id);
    DELETE FROM holdings WHERE session_id = OLD.session_id AND files = 0;
    UPDATE totals SET files = files - 1, bytes = bytes - OLD.size,
        duration_ms = duration_ms - coalesce(OLD.duration_ms, 0) WHERE kind = OLD.kind
        AND storage_id = (SELECT storage_id FROM copies WHERE id = OLD.current_copy_id);
    UPDATE days SET files = files - 1, bytes = bytes - OLD.size WHERE day = substr(OLD.created_at, 1, 10);
    UPDATE sessions SET file_count = file_count - 1, size = size - OLD.size WHERE id = OLD.session_id;
END;

CREATE TRIGGER files_count_enter
AFTER UPDATE OF session_id, kind, size, duration_ms, current_copy_id, trashed_at ON files
WHEN NEW.current_copy_id IS NOT NULL AND NEW.trashed_at IS NULL
BEGIN
    INSERT INTO holdings SELECT NEW.session_id, NEW.kind, storage_id, 1 FROM copies WHERE id = NEW.current_copy_id
        ON CONFLICT DO UPDATE SET files = files + 1;
    INSERT INTO totals SELECT storage_id, NEW.kind, 1, NEW.size, coalesce(NEW.duration_ms, 0)
        FROM copies WHERE id = NEW.current_copy_id
        ON CONFLICT DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes,
            duration_ms = duration_ms + excluded.duration_ms;
    INSERT INTO days VALUES (substr(NEW.created_at, 1, 10), 1, NEW.size)
        ON CONFLICT DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;
    UPDATE sessions SET file_count = file_count + 1, size = size + NEW.size WHERE id = NEW.session_id;
END;

CREATE TRIGGER lectures_count_insert AFTER INSERT ON lectures
BEGIN
    UPDATE sessions SET lecture_count = lecture_count + 1 WHERE id = NEW.session_id;
END;
CREATE TRIGGER lectures_count_delete AFTER DELETE ON lectures
BEGIN
    UPDATE sessions SET lecture_count = lecture_count - 1 WHERE id = OLD.session_id;
END;
CREATE TRIGGER lectures_count_move AFTER UPDATE OF session_id ON lectures
BEGIN
    UPDATE sessions SET lecture_count = lecture_count - 1 WHERE id = OLD.session_id;
    UPDATE sessions SET lecture_count = lecture_count + 1 WHERE id = NEW.session_id;
END;

CREATE TRIGGER sessions_count_insert AFTER INSERT ON sessions WHEN NEW.trashed_at IS NULL
BEGIN
    UPDATE session_totals SET sessions = sessions + 1;
END;
CREATE TRIGGER sessions_count_delete AFTER DELETE ON sessions WHEN OLD.trashed_at IS NULL
BEGIN
    UPDATE session_totals SET sessions = sessions - 1;
END;
CREATE TRIGGER sessions_count_trash AFTER UPDATE OF trashed_at ON sessions
BEGIN
    UPDATE session_totals SET sessions = sessions - (OLD.trashed_at IS NULL) + (NEW.trashed_at IS NULL);
END;
