-- Which words each session is found by: those of its title, subject, tags and notes, and of the names of the live
-- files that it shows. `words_of` gives a text's words; `uses` counts the texts that hold the word.
CREATE TABLE words (
    session_id INTEGER NOT NULL,
    word TEXT NOT NULL,
    uses INTEGER NOT NULL,
    PRIMARY KEY (session_id, word)
) STRICT, WITHOUT ROWID;
CREATE INDEX words_by_word ON words (word, session_id);

CREATE TRIGGER sessions_words_insert AFTER INSERT ON sessions
BEGIN
    UPDATE sessions SET title_key = sort_key(NEW.title) WHERE id = NEW.id;
    INSERT INTO words SELECT NEW.id, value, count(*) FROM (
            SELECT value FROM json_each(words_of(NEW.title))
            UNION ALL SELECT value FROM json_each(words_of(NEW.subject))
            UNION ALL SELECT value FROM json_each(words_of(NEW.description))
        ) WHERE true GROUP BY value;
END;
CREATE TRIGGER sessions_words_title AFTER UPDATE OF title ON sessions WHEN NEW.title <> OLD.title
BEGIN
    UPDATE sessions SET title_key = sort_key(NEW.title) WHERE id = NEW.id;
    UPDATE words SET uses = uses - 1
        WHERE session_id = NEW.id AND word IN (SELECT value FROM json_each(words_of(OLD.title)));
    INSERT INTO words SELECT NEW.id, value, 1 FROM json_each(words_of(NEW.title)) WHERE true
        ON CONFLICT DO UPDATE SET uses = uses + 1;
    DELETE FROM words
        WHERE session_id = NEW.id AND uses = 0 AND word IN (SELECT value FROM json_each(words_of(OLD.title)));
END;
CREATE TRIGGER sessions_words_subject AFTER UPDATE OF subject ON sessions WHEN NEW.subject <> OLD.subject
BEGIN
    UPDATE words SET uses = uses - 1
        WHERE session_id = NEW.id AND word IN (SELECT value FROM json_each(words_of(OLD.subject)));
    INSERT INTO words SELECT NEW.id, value, 1 FROM json_each(words_of(NEW.subject)) WHERE true
        ON CONFLICT DO UPDATE SET uses = uses + 1;
    DELETE FROM words
        WHERE session_id = NEW.id AND uses = 0 AND word IN (SELECT value FROM json_each(words_of(OLD.subject)));
END;
CREATE TRIGGER sessions_words_description AFTER UPDATE OF description ON sessions
WHEN NEW.description <> OLD.description
BEGIN
    UPDATE words SET uses = uses - 1
        WHERE session_id = NEW.id AND word IN (SELECT value FROM json_each(words_of(OLD.description)));
    INSERT INTO words SELECT NEW.id, value, 1 FROM json_each(words_of(NEW.description)) WHERE true
        ON CONFLICT DO UPDATE SET uses = uses + 1;
    DELETE FROM words
        WHERE session_id = NEW.id AND uses = 0 AND word IN (SELECT value FROM json_each(words_of(OLD.description)));
END;
CREATE TRIGGER sessions_words_delete AFTER DELETE ON sessions
BEGIN
    DELETE FROM words WHERE session_id = OLD.id;
END;

CREATE TRIGGER session_tags_words_insert AFTER INSERT ON session_tags
BEGIN
    INSERT INTO words SELECT NEW.session_id, value, 1
        FROM tags, json_each(words_of(tags.name)) WHERE tags.id = NEW.tag_id
        ON CONFLICT DO UPDATE SET uses = uses + 1;
END;
CREATE TRIGGER session_tags_words_delete AFTER DELETE ON session_tags
BEGIN
    UPDATE words SET uses = uses - 1 WHERE session_id = OLD.session_id AND word IN (
        SELECT value FROM tags, json_each(words_of(tags.name)) WHERE tags.id = OLD.tag_id);
    DELETE FROM words WHERE session_id = OLD.session_id AND uses = 0 AND word IN (
        SELECT value FROM tags, json_each(words_of(tags.name)) WHERE tags.id = OLD.tag_id);
END;

CREATE TRIGGER files_words_insert AFTER INSERT ON files
BEGIN
    UPDATE files SET name_key = sort_key(NEW.name) WHERE id = NEW.id;
    INSERT INTO words SELECT NEW.session_id, value, 1 FROM json_each(words_of(NEW.name))
        WHERE NEW.current_copy_id IS NOT NULL AND NEW.trashed_at IS NULL
        ON CONFLICT DO UPDATE SET uses = uses + 1;
END;
CREATE TRIGGER files_words_rename AFTER UPDATE OF name ON files WHEN NEW.name <> OLD.name
BEGIN
    UPDATE files SET name_key = sort_key(NEW.name) WHERE id = NEW.id;
END;
CREATE TRIGGER files_words_leave AFTER UPDATE OF name, session_id, current_copy_id, trashed_at ON files
WHEN OLD.current_copy_id IS NOT NULL AND OLD.trashed_at IS NULL AND (
    NEW.name <> OLD.name OR NEW.session_id <> OLD.session_id
    OR NEW.current_copy_id IS NULL OR NEW.trashed_at IS NOT NULL)
BEGIN
    UPDATE words SET uses = uses - 1
        WHERE session_id IN (SELECT OLD.session_id UNION SELECT session_id FROM links WHERE file_id = OLD.id)
        AND word IN (SELECT value FROM json_each(words_of(OLD.name)));
    DELETE FROM words
        WHERE session_id IN (SELECT OLD.session_id UNION SELECT session_id FROM links WHERE file_id = OLD.id)
        AND word IN (SELECT value FROM json_each(words_of(OLD.name))) AND uses = 0;
END;
CREATE TRIGGER files_words_enter AFTER UPDATE OF name, session_id, current_copy_id, trashed_at ON files
WHEN NEW.current_copy_id IS NOT NULL AND NEW.trashed_at IS NULL AND (
    NEW.name <> OLD.name OR NEW.session_id <> OLD.session_id
    OR OLD.current_copy_id IS NULL OR OLD.trashed_at IS NOT NULL)
BEGIN
    INSERT INTO words SELECT place.session_id, value, 1
        FROM (SELECT NEW.session_id UNION SELECT session_id FROM links WHERE file_id = NEW.id) AS place,
            json_each(words_of(NEW.name)) WHERE true
        ON CONFLICT DO UPDATE SET uses = uses + 1;
END;
-- Before: the links are still there.
CREATE TRIGGER files_words_delete BEFORE DELETE ON files
WHEN OLD.current_copy_id IS NOT NULL AND OLD.trashed_at IS NULL
BEGIN
    UPDATE words SET uses = uses - 1
        WHERE session_id IN (SELECT OLD.session_id UNION SELECT session_id FROM links WHERE file_id = OLD.id)
        AND word IN (SELECT value FROM json_each(words_of(OLD.name)));
    DELETE FROM words
        WHERE session_id IN (SELECT OLD.session_id UNION SELECT session_id FROM links WHERE file_id = OLD.id)
        AND word IN (SELECT value FROM json_each(words_of(OLD.name))) AND uses = 0;
END;

CREATE TRIGGER links_words_insert AFTER INSERT ON links
BEGIN
    INSERT INTO words SELECT NEW.session_id, value, 1
        FROM files, json_each(words_of(files.name))
        WHERE files.id = NEW.file_id AND files.session_id <> NEW.session_id
            AND files.current_copy_id IS NOT NULL AND files.trashed_at IS NULL
        ON CONFLICT DO UPDATE SET uses = uses + 1;
END;
CREATE TRIGGER links_words_delete AFTER DELETE ON links
BEGIN
    UPDATE words SET uses = uses - 1 WHERE session_id = OLD.session_id AND word IN (
        SELECT value FROM files, json_each(words_of(files.name))
        WHERE files.id = OLD.file_id AND files.session_id <> OLD.session_id
            AND files.current_copy_id IS NOT NULL AND files.trashed_at IS NULL);
    DELETE FROM words WHERE session_id = OLD.session_id AND uses = 0 AND word IN (
        SELECT value FROM files, json_each(words_of(files.name))
        WHERE files.id = OLD.file_id AND files.session_id <> OLD.session_id
            AND files.current_copy_id IS NOT NULL AND files.trashed_at IS NULL);
END;

-- The storage of a file's current copy, kept beside it for the lists.
CREATE TRIGGER files_storage_insert AFTER INSERT ON files WHEN NEW.current_copy_id IS NOT NULL
BEGIN
    UPDATE files SET storage_id = (SELECT storage_id FROM copies WHERE id = NEW.current_copy_id) WHERE id = NEW.id;
END;
CREATE TRIGGER files_storage_update AFTER UPDATE OF current_copy_id ON files
BEGIN
    UPDATE files SET storage_id = (SELECT storage_id FROM copies WHERE id = NEW.current_copy_id) WHERE id = NEW.id;
END;
