-- Whoever writes a file's row may give its sort key at once, and whoever makes a copy current the copy's storage and the
-- file's place: each that is right spares another change of the same row.
DROP TRIGGER files_words_insert;
CREATE TRIGGER files_key_insert AFTER INSERT ON files WHEN NEW.name_key = ''
BEGIN
    UPDATE files SET name_key = sort_key(NEW.name) WHERE id = NEW.id;
END;
CREATE TRIGGER files_words_insert AFTER INSERT ON files WHEN NEW.current_copy_id IS NOT NULL AND NEW.trashed_at IS NULL
BEGIN
    INSERT INTO words SELECT NEW.session_id, value, 1 FROM json_each(words_of(NEW.name)) WHERE true
        ON CONFLICT DO UPDATE SET uses = uses + 1;
END;

DROP TRIGGER files_storage_update;
CREATE TRIGGER files_storage_update AFTER UPDATE OF current_copy_id ON files
WHEN NEW.storage_id IS NOT (SELECT storage_id FROM copies WHERE id = NEW.current_copy_id)
BEGIN
    UPDATE files SET storage_id = (SELECT storage_id FROM copies WHERE id = NEW.current_copy_id) WHERE id = NEW.id;
END;

DROP TRIGGER files_place_update;
CREATE TRIGGER files_place_update AFTER UPDATE OF current_copy_id, wanted_storage_id ON files
WHEN NEW.current_copy_id IS NOT NULL AND NEW.place IS NOT (SELECT place FROM file_places WHERE file_id = NEW.id)
BEGIN
    UPDATE files SET place = (SELECT place FROM file_places WHERE file_id = NEW.id) WHERE id = NEW.id;
END;
