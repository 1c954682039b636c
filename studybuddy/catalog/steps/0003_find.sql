CREATE VIRTUAL TABLE sessions_text USING fts5 (
    title, subject, tags, description,
    tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
);
CREATE VIRTUAL TABLE files_text USING fts5 (
    name,
    content = 'files', content_rowid = 'id',
    tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
);

CREATE TRIGGER sessions_text_insert AFTER INSERT ON sessions
BEGIN
    INSERT INTO sessions_text (rowid, title, subject, tags, description)
        VALUES (NEW.id, NEW.title, NEW.subject, '', NEW.description);
END;
CREATE TRIGGER sessions_text_update AFTER UPDATE OF title, subject, description ON sessions
BEGIN
    UPDATE sessions_text SET title = NEW.title, subject = NEW.subject, description = NEW.description
        WHERE rowid = NEW.id;
END;
CREATE TRIGGER sessions_text_delete AFTER DELETE ON sessions
BEGIN
    DELETE FROM sessions_text WHERE rowid = OLD.id;
END;
CREATE TRIGGER session_tags_text_insert AFTER INSERT ON session_tags
BEGIN
    UPDATE sessions_text SET tags = (
        SELECT coalesce(group_concat(name, ' '), '') FROM session_tags JOIN tags ON tags.id = tag_id
        WHERE session_id = NEW.session_id
    ) WHERE rowid = NEW.session_id;
END;
CREATE TRIGGER session_tags_text_delete AFTER DELETE ON session_tags
BEGIN
    UPDATE sessions_text SET tags = (
        SELECT coalesce(group_concat(name, ' '), '') FROM session_tags JOIN tags ON tags.id = tag_id
        WHERE session_id = OLD.session_id
    ) WHERE rowid = OLD.session_id;
END;

CREATE TRIGGER files_text_insert AFTER INSERT ON files
BEGIN
    INSERT INTO files_text (rowid, name) VALUES (NEW.id, NEW.name);
END;
CREATE TRIGGER files_text_update AFTER UPDATE OF name ON files
BEGIN
    INSERT INTO files_text (files_text, rowid, name) VALUES ('delete', OLD.id, OLD.name);
    INSERT INTO files_text (rowid, name) VALUES (NEW.id, NEW.name);
END;
CREATE TRIGGER files_text_delete AFTER DELETE ON files
BEGIN
    INSERT INTO files_text (files_text, rowid, name) VALUES ('delete', OLD.id, OLD.name);
END;
