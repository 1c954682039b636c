CREATE TABLE cards (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guid TEXT NOT NULL UNIQUE,  -- the same in every export
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    file_id INTEGER REFERENCES files (id) ON DELETE SET NULL,  -- what it was made from
    page INTEGER CHECK (page >= 1),
    at_ms INTEGER CHECK (at_ms >= 0),
    front TEXT NOT NULL,
    back TEXT NOT NULL,
    -- How well it is known, as FSRS has it. Without `reviewed_at` it is new.
    stage INTEGER NOT NULL DEFAULT 1 CHECK (stage IN (1, 2, 3)),  -- learning, review, relearning
    step INTEGER DEFAULT 0,
    stability REAL,
    difficulty REAL,
    due_at TEXT NOT NULL,
    reviewed_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX cards_by_session ON cards (session_id, id);
CREATE INDEX cards_by_due ON cards (due_at, id);
CREATE INDEX cards_by_file ON cards (file_id) WHERE file_id IS NOT NULL;

-- Each answer, with the card as it was before it, so that it can be taken back.
CREATE TABLE card_reviews (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    card_id INTEGER NOT NULL REFERENCES cards (id) ON DELETE CASCADE,
    rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 4),  -- again, hard, good, easy
    reviewed_at TEXT NOT NULL,
    before TEXT NOT NULL  -- JSON
) STRICT;
CREATE INDEX card_reviews_by_card ON card_reviews (card_id, id);
