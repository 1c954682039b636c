-- What is searched: titles, names and texts, folded by `index_text`. The tables keep no text of their own, so a row is
-- taken out by the very text that it was put in with: where `index_text` changes, a new step must build them anew.
CREATE VIRTUAL TABLE find_sessions USING fts5 (
    title, subject, tags, content = '', prefix = '2 3', tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co Cn'"
);
-- The names of files (rowid = 2 * id) and the titles of lectures (2 * id + 1).
CREATE VIRTUAL TABLE find_names USING fts5 (
    name, content = '', prefix = '2 3', tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co Cn'"
);
-- Pages and passages, file by file (rowid = id << 21, and below that: a page's number, or 1 << 20 and a passage's);
-- below zero, -rowid = 4 * id and 1 for the notes on a session, 2 for a note in a recording, 3 for a bookmark.
CREATE VIRTUAL TABLE find_texts USING fts5 (
    text, content = '', prefix = '2 3', tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co Cn'"
);

-- Stretches of a recording's words, made of its cues: what is said from one cue to the next is found as well.
CREATE TABLE passages (
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    start_ms INTEGER NOT NULL,  -- of its first cue
    last_ms INTEGER NOT NULL,   -- the start of its last cue
    text TEXT NOT NULL
) STRICT;
CREATE INDEX passages_by_file ON passages (file_id);
-- The recordings whose cues changed in this transaction: their passages are made before it ends.
CREATE TABLE passages_due (file_id INTEGER PRIMARY KEY) STRICT;

CREATE TRIGGER sessions_find_insert AFTER INSERT ON sessions
BEGIN
    INSERT INTO find_sessions (rowid, title, subject, tags)
        VALUES (NEW.id, index_text(NEW.title), index_text(NEW.subject), '');
END;
CREATE TRIGGER sessions_find_update AFTER UPDATE OF title, subject ON sessions
WHEN NEW.title <> OLD.title OR NEW.subject <> OLD.subject
BEGIN
    INSERT INTO find_sessions (find_sessions, rowid, title, subject, tags)
        SELECT 'delete', OLD.id, index_text(OLD.title), index_text(OLD.subject), index_text(tags)
        FROM session_tag_texts WHERE session_id = OLD.id;
    INSERT INTO find_sessions (rowid, title, subject, tags)
        SELECT NEW.id, index_text(NEW.title), index_text(NEW.subject), index_text(tags)
        FROM session_tag_texts WHERE session_id = OLD.id;
END;
-- Before: its tags are still there.
CREATE TRIGGER sessions_find_delete BEFORE DELETE ON sessions
BEGIN
    INSERT INTO find_sessions (find_sessions, rowid, title, subject, tags)
        SELECT 'delete', OLD.id, index_text(OLD.title), index_text(OLD.subject), index_text(tags)
        FROM session_tag_texts WHERE session_id = OLD.id;
END;
CREATE VIEW session_tag_texts AS
    SELECT id AS session_id, coalesce((SELECT group_concat(name, ' ') FROM session_tags JOIN tags ON tags.id = tag_id
        WHERE session_tags.session_id = sessions.id), '') AS tags FROM sessions;
CREATE TRIGGER session_tags_find_insert AFTER INSERT ON session_tags
BEGIN
    INSERT INTO find_sessions (find_sessions, rowid, title, subject, tags)
        SELECT 'delete', id, index_text(title), index_text(subject), index_text(coalesce((
            SELECT group_concat(name, ' ') FROM session_tags JOIN tags ON tags.id = tag_id
            WHERE session_id = NEW.session_id AND tag_id <> NEW.tag_id), ''))
        FROM sessions WHERE id = NEW.session_id;
    INSERT INTO find_sessions (rowid, title, subject, tags)
        SELECT id, index_text(title), index_text(subject), index_text(tags)
        FROM sessions JOIN session_tag_texts ON session_id = id WHERE id = NEW.session_id;
END;
CREATE TRIGGER session_tags_find_delete BEFORE DELETE ON session_tags
BEGIN
    INSERT INTO find_sessions (find_sessions, rowid, title, subject, tags)
        SELECT 'delete', id, index_text(title), index_text(subject), index_text(tags)
        FROM sessions JOIN session_tag_texts ON session_id = id WHERE id = OLD.session_id;
    INSERT INTO find_sessions (rowid, title, subject, tags)
        SELECT id, index_text(title), index_text(subject), index_text(coalesce((
            SELECT group_concat(name, ' ') FROM session_tags JOIN tags ON tags.id = tag_id
            WHERE session_id = OLD.session_id AND tag_id <> OLD.tag_id), ''))
        FROM sessions WHERE id = OLD.session_id;
END;

CREATE TRIGGER descriptions_find_insert AFTER INSERT ON sessions WHEN NEW.description <> ''
BEGIN
    INSERT INTO find_texts (rowid, text) VALUES (-(4 * NEW.id + 1), index_text(NEW.description));
END;
CREATE TRIGGER descriptions_find_update AFTER UPDATE OF description ON sessions
WHEN NEW.description <> OLD.description
BEGIN
    INSERT INTO find_texts (find_texts, rowid, text)
        SELECT 'delete', -(4 * OLD.id + 1), index_text(OLD.description) WHERE OLD.description <> '';
    INSERT INTO find_texts (rowid, text)
        SELECT -(4 * NEW.id + 1), index_text(NEW.description) WHERE NEW.description <> '';
END;
CREATE TRIGGER descriptions_find_delete AFTER DELETE ON sessions WHEN OLD.description <> ''
BEGIN
    INSERT INTO find_texts (find_texts, rowid, text)
        VALUES ('delete', -(4 * OLD.id + 1), index_text(OLD.description));
END;

CREATE TRIGGER files_find_insert AFTER INSERT ON files
BEGIN
    INSERT INTO find_names (rowid, name) VALUES (2 * NEW.id, index_text(NEW.name));
END;
CREATE TRIGGER files_find_update AFTER UPDATE OF name ON files WHEN NEW.name <> OLD.name
BEGIN
    INSERT INTO find_names (find_names, rowid, name) VALUES ('delete', 2 * OLD.id, index_text(OLD.name));
    INSERT INTO find_names (rowid, name) VALUES (2 * NEW.id, index_text(NEW.name));
END;
CREATE TRIGGER files_find_delete AFTER DELETE ON files
BEGIN
    INSERT INTO find_names (find_names, rowid, name) VALUES ('delete', 2 * OLD.id, index_text(OLD.name));
END;

CREATE TRIGGER lectures_find_insert AFTER INSERT ON lectures
BEGIN
    INSERT INTO find_names (rowid, name) VALUES (2 * NEW.id + 1, index_text(NEW.title));
END;
CREATE TRIGGER lectures_find_update AFTER UPDATE OF title ON lectures WHEN NEW.title <> OLD.title
BEGIN
    INSERT INTO find_names (find_names, rowid, name) VALUES ('delete', 2 * OLD.id + 1, index_text(OLD.title));
    INSERT INTO find_names (rowid, name) VALUES (2 * NEW.id + 1, index_text(NEW.title));
END;
CREATE TRIGGER lectures_find_delete AFTER DELETE ON lectures
BEGIN
    INSERT INTO find_names (find_names, rowid, name) VALUES ('delete', 2 * OLD.id + 1, index_text(OLD.title));
END;

CREATE TRIGGER pages_find_insert AFTER INSERT ON pages WHEN NEW.number < 1 << 20
BEGIN
    INSERT INTO find_texts (rowid, text) VALUES ((NEW.file_id << 21) + NEW.number, index_text(NEW.text));
END;
CREATE TRIGGER pages_find_delete AFTER DELETE ON pages WHEN OLD.number < 1 << 20
BEGIN
    INSERT INTO find_texts (find_texts, rowid, text)
        VALUES ('delete', (OLD.file_id << 21) + OLD.number, index_text(OLD.text));
END;
CREATE TRIGGER pages_find_leave BEFORE UPDATE ON pages WHEN OLD.number < 1 << 20
BEGIN
    INSERT INTO find_texts (find_texts, rowid, text)
        VALUES ('delete', (OLD.file_id << 21) + OLD.number, index_text(OLD.text));
END;
CREATE TRIGGER pages_find_enter AFTER UPDATE ON pages WHEN NEW.number < 1 << 20
BEGIN
    INSERT INTO find_texts (rowid, text) VALUES ((NEW.file_id << 21) + NEW.number, index_text(NEW.text));
END;

CREATE TRIGGER cues_find_insert AFTER INSERT ON cues
BEGIN
    INSERT OR IGNORE INTO passages_due VALUES (NEW.file_id);
END;
CREATE TRIGGER cues_find_update AFTER UPDATE ON cues
BEGIN
    INSERT OR IGNORE INTO passages_due VALUES (OLD.file_id);
    INSERT OR IGNORE INTO passages_due VALUES (NEW.file_id);
END;
CREATE TRIGGER cues_find_delete AFTER DELETE ON cues
BEGIN
    INSERT OR IGNORE INTO passages_due VALUES (OLD.file_id);
END;
CREATE TRIGGER passages_find_insert AFTER INSERT ON passages
BEGIN
    INSERT INTO find_texts (rowid, text) VALUES (NEW.id, index_text(NEW.text));
END;
CREATE TRIGGER passages_find_delete AFTER DELETE ON passages
BEGIN
    INSERT INTO find_texts (find_texts, rowid, text) VALUES ('delete', OLD.id, index_text(OLD.text));
END;

CREATE TRIGGER notes_find_insert AFTER INSERT ON notes
BEGIN
    INSERT INTO find_texts (rowid, text) VALUES (-(4 * NEW.id + 2), index_text(NEW.text));
END;
CREATE TRIGGER notes_find_update AFTER UPDATE OF text ON notes WHEN NEW.text <> OLD.text
BEGIN
    INSERT INTO find_texts (find_texts, rowid, text) VALUES ('delete', -(4 * OLD.id + 2), index_text(OLD.text));
    INSERT INTO find_texts (rowid, text) VALUES (-(4 * NEW.id + 2), index_text(NEW.text));
END;
CREATE TRIGGER notes_find_delete AFTER DELETE ON notes
BEGIN
    INSERT INTO find_texts (find_texts, rowid, text) VALUES ('delete', -(4 * OLD.id + 2), index_text(OLD.text));
END;
CREATE TRIGGER bookmarks_find_insert AFTER INSERT ON bookmarks
BEGIN
    INSERT INTO find_texts (rowid, text) VALUES (-(4 * NEW.id + 3), index_text(NEW.text));
END;
CREATE TRIGGER bookmarks_find_update AFTER UPDATE OF text ON bookmarks WHEN NEW.text <> OLD.text
BEGIN
    INSERT INTO find_texts (find_texts, rowid, text) VALUES ('delete', -(4 * OLD.id + 3), index_text(OLD.text));
    INSERT INTO find_texts (rowid, text) VALUES (-(4 * NEW.id + 3), index_text(NEW.text));
END;
CREATE TRIGGER bookmarks_find_delete AFTER DELETE ON bookmarks
BEGIN
    INSERT INTO find_texts (find_texts, rowid, text) VALUES ('delete', -(4 * OLD.id + 3), index_text(OLD.text));
END;

INSERT INTO find_sessions (rowid, title, subject, tags)
    SELECT id, index_text(title), index_text(subject), index_text(tags)
    FROM sessions JOIN session_tag_texts ON session_id = id ORDER BY id;
INSERT INTO find_names (rowid, name) SELECT 2 * id, index_text(name) FROM files ORDER BY id;
INSERT INTO find_names (rowid, name) SELECT 2 * id + 1, index_text(title) FROM lectures ORDER BY id;
INSERT INTO find_texts (rowid, text)
    SELECT -(4 * id + 1), index_text(description) FROM sessions WHERE description <> '' ORDER BY id DESC;
INSERT INTO find_texts (rowid, text) SELECT -(4 * id + 2), index_text(text) FROM notes ORDER BY id DESC;
INSERT INTO find_texts (rowid, text) SELECT -(4 * id + 3), index_text(text) FROM bookmarks ORDER BY id DESC;
INSERT INTO find_texts (rowid, text)
    SELECT (file_id << 21) + number, index_text(text) FROM pages WHERE number < 1 << 20 ORDER BY file_id, number;
INSERT INTO passages_due SELECT DISTINCT file_id FROM cues;
