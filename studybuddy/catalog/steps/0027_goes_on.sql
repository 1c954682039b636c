-- Whether a paused migration waits for a storage that does not answer, and goes on without a person.
ALTER TABLE migrations ADD COLUMN goes_on INTEGER NOT NULL DEFAULT 0 CHECK (goes_on IN (0, 1));
CREATE INDEX migrations_that_go_on ON migrations (id) WHERE goes_on = 1;
