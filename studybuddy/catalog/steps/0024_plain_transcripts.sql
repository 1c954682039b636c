-- A plain text is the transcript of the recording of its name, without times: `source_id` of its cues is a document.
DROP TRIGGER files_transcripts;
CREATE TRIGGER files_transcripts AFTER UPDATE OF name, session_id, current_copy_id, trashed_at ON files
WHEN (NEW.kind IN ('audio', 'caption') OR NEW.kind = 'document' AND NEW.content_type LIKE 'text/plain%') AND (
    NEW.name <> OLD.name OR NEW.session_id <> OLD.session_id
    OR (NEW.current_copy_id IS NULL) <> (OLD.current_copy_id IS NULL)
    OR (NEW.trashed_at IS NULL) <> (OLD.trashed_at IS NULL))
BEGIN
    INSERT OR IGNORE INTO transcripts_due SELECT value FROM json_each(json_array(OLD.session_id, NEW.session_id))
        WHERE NEW.kind = 'caption'
        OR EXISTS (SELECT 1 FROM holdings WHERE session_id = value AND CASE NEW.kind
            WHEN 'audio' THEN kind IN ('caption', 'document') ELSE kind = 'audio' END);
END;
-- Before: what a recording's captions say goes back to the captions, which stay. A plain text has pages of its own.
DROP TRIGGER files_transcripts_delete;
CREATE TRIGGER files_transcripts_delete BEFORE DELETE ON files
WHEN OLD.kind IN ('audio', 'caption') OR OLD.kind = 'document' AND OLD.content_type LIKE 'text/plain%'
BEGIN
    INSERT INTO cues (file_id, start_ms, end_ms, text, source_id)
        SELECT source_id, start_ms, end_ms, text, source_id FROM cues
        WHERE file_id = OLD.id AND source_id IN (SELECT id FROM files WHERE id = source_id AND kind = 'caption')
        AND source_id <> OLD.id;
    DELETE FROM cues WHERE file_id = OLD.id;
    INSERT OR IGNORE INTO transcripts_due SELECT OLD.session_id WHERE OLD.kind <> 'document'
        OR EXISTS (SELECT 1 FROM holdings WHERE session_id = OLD.session_id AND kind = 'audio');
END;

INSERT OR IGNORE INTO transcripts_due
    SELECT DISTINCT session_id FROM files WHERE kind = 'document' AND content_type LIKE 'text/plain%'
    AND EXISTS (SELECT 1 FROM holdings WHERE session_id = files.session_id AND kind = 'audio');
