CREATE VIEW study_sessions AS
SELECT
    sessions.id, sessions.title, sessions.subject, sessions.description, sessions.created_at, sessions.updated_at,
    (SELECT json_group_array(name) FROM (
        SELECT name FROM files WHERE session_id = sessions.id
            AND trashed_at IS NULL AND current_copy_id IS NOT NULL ORDER BY id)) AS files,
    (SELECT json_group_array(url) FROM (
        SELECT storages.base_url || copies.key AS url
        FROM files JOIN copies ON copies.id = files.current_copy_id JOIN storages ON storages.id = copies.storage_id
        WHERE files.session_id = sessions.id AND files.trashed_at IS NULL ORDER BY files.id)) AS file_urls,
    (SELECT json_group_array(key) FROM (
        SELECT CASE WHEN storages.url LIKE 's3:%' THEN copies.key END AS key
        FROM files JOIN copies ON copies.id = files.current_copy_id JOIN storages ON storages.id = copies.storage_id
        WHERE files.session_id = sessions.id AND files.trashed_at IS NULL ORDER BY files.id)) AS s3_keys
FROM sessions WHERE sessions.trashed_at IS NULL;

CREATE VIEW study_lectures AS
SELECT
    lectures.id, lectures.session_id, lectures.title, lectures.recorded_on, lectures.created_at,
    storages.base_url || copies.key AS audio_url
FROM lectures
LEFT JOIN files ON files.id = lectures.audio_file_id AND files.trashed_at IS NULL
LEFT JOIN copies ON copies.id = files.current_copy_id
LEFT JOIN storages ON storages.id = copies.storage_id;
