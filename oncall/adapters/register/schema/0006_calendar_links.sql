-- Secret links to calendar feeds. The token itself is shown once and never kept; a link is revoked, never deleted.
CREATE TABLE calendar_links (
  id TEXT NOT NULL PRIMARY KEY,
  token_sha256 TEXT NOT NULL UNIQUE,
  person TEXT,                             -- on the rota; the register may not know them yet
  rotation TEXT,
  made_at TEXT NOT NULL,
  made_by TEXT NOT NULL,
  revoked_at TEXT,
  CHECK ((person IS NULL) <> (rotation IS NULL))
) STRICT;

-- Outside calendars that are fetched again and again: the last copy that was believed, and why a newer one was not.
CREATE TABLE watched_feeds (
  name TEXT NOT NULL PRIMARY KEY,
  checked_at TEXT,
  good_at TEXT,
  text TEXT NOT NULL DEFAULT '',
  shifts INTEGER NOT NULL DEFAULT 0,
  fault TEXT NOT NULL DEFAULT '',
  take_anyway INTEGER NOT NULL DEFAULT 0 CHECK (take_anyway IN (0, 1))
) STRICT;
