-- Screens that show who is on call and what is open, without patients and without signing in. The token of a link is
-- shown once and never kept; a link is revoked, never deleted.
CREATE TABLE kiosk_links (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  token_sha256 TEXT NOT NULL UNIQUE,
  made_at TEXT NOT NULL,
  made_by TEXT NOT NULL,
  revoked_at TEXT
) STRICT;
