-- Whoever changes the items of a migration counts them, all at once, as inserting them does.
DROP TRIGGER migration_items_count;

-- A file that goes on with another copy is counted where that is; its session and its day stay as they are.
DROP TRIGGER files_count_leave;
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
END;
DROP TRIGGER files_count_enter;
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
END;
CREATE TRIGGER files_sessions_leave
AFTER UPDATE OF session_id, size, current_copy_id, trashed_at ON files
WHEN OLD.current_copy_id IS NOT NULL AND OLD.trashed_at IS NULL AND (
    NEW.current_copy_id IS NULL OR NEW.trashed_at IS NOT NULL
    OR NEW.session_id <> OLD.session_id OR NEW.size <> OLD.size)
BEGIN
    UPDATE days SET files = files - 1, bytes = bytes - OLD.size WHERE day = substr(OLD.created_at, 1, 10);
    UPDATE sessions SET file_count = file_count - 1, size = size - OLD.size WHERE id = OLD.session_id;
END;
CREATE TRIGGER files_sessions_enter
AFTER UPDATE OF session_id, size, current_copy_id, trashed_at ON files
WHEN NEW.current_copy_id IS NOT NULL AND NEW.trashed_at IS NULL AND (
    OLD.current_copy_id IS NULL OR OLD.trashed_at IS NOT NULL
    OR NEW.session_id <> OLD.session_id OR NEW.size <> OLD.size)
BEGIN
    INSERT INTO days VALUES (substr(NEW.created_at, 1, 10), 1, NEW.size)
        ON CONFLICT DO UPDATE SET files = files + 1, bytes = bytes + excluded.bytes;
    UPDATE sessions SET file_count = file_count + 1, size = size + NEW.size WHERE id = NEW.session_id;
END;
