CREATE INDEX transcriptions_failed ON transcriptions (ended_at, file_id) WHERE state = 'failed';
