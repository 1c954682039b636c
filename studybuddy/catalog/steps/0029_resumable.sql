-- Whether what came of a copy that is being written may be kept where it is, for the next writer to go on from.
ALTER TABLE copies ADD COLUMN resumable INTEGER NOT NULL DEFAULT 0 CHECK (resumable IN (0, 1));
