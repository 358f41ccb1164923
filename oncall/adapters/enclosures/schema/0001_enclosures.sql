-- Sounds and pictures that families sent; the journal says what they belong to and what they weigh.

CREATE TABLE enclosures (
  name TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  kept_at INTEGER NOT NULL,
  media_type TEXT NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX enclosures_by_age ON enclosures (kept_at);
