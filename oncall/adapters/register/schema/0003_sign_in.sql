-- Who may come in at the internal door. A person here may be on the team (then `person` is that id) or only look.
CREATE TABLE accounts (
  person TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  roles TEXT NOT NULL,                     -- in alphabetical order, with commas
  added_at TEXT NOT NULL,
  password TEXT,                           -- argon2id; NULL until the first link has been used
  totp_secret TEXT,                        -- reserved
  failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
  locked_until TEXT,
  ended_at TEXT,
  is_sample INTEGER NOT NULL DEFAULT 0 CHECK (is_sample IN (0, 1))
) STRICT;

-- The cookie itself is kept nowhere but in the browser.
CREATE TABLE sessions (
  id TEXT NOT NULL PRIMARY KEY,
  token_sha256 TEXT NOT NULL UNIQUE,
  person TEXT NOT NULL REFERENCES accounts (person),
  made_at TEXT NOT NULL,
  seen_at TEXT NOT NULL,
  agent TEXT NOT NULL DEFAULT '',
  ended_at TEXT
) STRICT;
CREATE INDEX sessions_person ON sessions (person);

CREATE TABLE one_time_links (
  id TEXT NOT NULL PRIMARY KEY,
  token_sha256 TEXT NOT NULL UNIQUE,
  person TEXT NOT NULL REFERENCES accounts (person),
  purpose TEXT NOT NULL CHECK (purpose IN ('first', 'reset', 'visit')),
  made_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  used_at TEXT
) STRICT;

-- Every look at patients' data; `subject` is a case or patient, empty for the board.
CREATE TABLE views (
  id TEXT NOT NULL PRIMARY KEY,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  address TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX views_at ON views (at);
CREATE INDEX views_subject ON views (subject, at);
CREATE TRIGGER views_stay AFTER DELETE ON views BEGIN
  SELECT RAISE(ABORT, 'the list of looks is never deleted');
END;
