-- Where each acknowledged file is, in one number: the id of the one storage that has it, 0 when several have it, -1 when
-- it waits for another storage, -2 when its current copy is bad. Kept by triggers: no page looks through all copies.
CREATE VIEW file_places AS
SELECT files.id AS file_id,
    CASE
        WHEN now.state = 'bad' THEN -2
        WHEN files.wanted_storage_id IS NOT NULL THEN -1
        WHEN EXISTS (SELECT 1 FROM copies AS other WHERE other.file_id = files.id
            AND other.state = 'verified' AND other.storage_id <> now.storage_id) THEN 0
        ELSE now.storage_id
    END AS place
FROM files JOIN copies AS now ON now.id = files.current_copy_id;

ALTER TABLE files ADD COLUMN place INTEGER;
UPDATE files SET place = (SELECT place FROM file_places WHERE file_id = files.id);
CREATE INDEX files_placed ON files (place, id, size) WHERE trashed_at IS NULL AND current_copy_id IS NOT NULL;

CREATE TRIGGER files_place_insert AFTER INSERT ON files WHEN NEW.current_copy_id IS NOT NULL
BEGIN
    UPDATE files SET place = (SELECT place FROM file_places WHERE file_id = NEW.id) WHERE id = NEW.id;
END;
CREATE TRIGGER files_place_update AFTER UPDATE OF current_copy_id, wanted_storage_id ON files
WHEN NEW.current_copy_id IS NOT NULL
BEGIN
    UPDATE files SET place = (SELECT place FROM file_places WHERE file_id = NEW.id) WHERE id = NEW.id;
END;

CREATE TRIGGER copies_place_insert AFTER INSERT ON copies WHEN NEW.state = 'verified'
BEGIN
    UPDATE files SET place = (SELECT place FROM file_places WHERE file_id = NEW.file_id)
        WHERE id = NEW.file_id AND current_copy_id IS NOT NULL;
END;
CREATE TRIGGER copies_place_update AFTER UPDATE OF file_id, state ON copies
BEGIN
    UPDATE files SET place = (SELECT place FROM file_places WHERE file_id = NEW.file_id)
        WHERE id = NEW.file_id AND current_copy_id IS NOT NULL;
END;
CREATE TRIGGER copies_place_delete AFTER DELETE ON copies
BEGIN
    UPDATE files SET place = (SELECT place FROM file_places WHERE file_id = OLD.file_id)
        WHERE id = OLD.file_id AND current_copy_id IS NOT NULL;
END;
