-- The record of care and the rows derived from it. Instants are integer microseconds UTC.
-- entries is append-only; everything else but reports, received and editions can be rebuilt by replay.

CREATE TABLE entries (
  case_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (case_id, seq)
) STRICT;

CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TABLE cases (
  case_id TEXT PRIMARY KEY,
  key TEXT NOT NULL,
  code TEXT NOT NULL,
  status TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  closed_at INTEGER,
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX cases_by_key ON cases (key, opened_at);
CREATE INDEX cases_by_code ON cases (code, opened_at);
CREATE INDEX cases_by_status ON cases (status, opened_at);
CREATE INDEX cases_by_closing ON cases (closed_at);

CREATE TABLE open_cases (key TEXT PRIMARY KEY, case_id TEXT NOT NULL UNIQUE, code TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE due (
  case_id TEXT PRIMARY KEY,
  due_at INTEGER NOT NULL,
  set_at INTEGER NOT NULL,
  pushed_until INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX due_first ON due (due_at);
CREATE INDEX due_set ON due (set_at);

CREATE TABLE outbox (
  message_id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  lane TEXT NOT NULL,
  not_before INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_first ON outbox (lane, not_before);
CREATE INDEX outbox_by_case ON outbox (case_id);

CREATE TABLE pages (
  page_id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  person TEXT NOT NULL,
  slot INTEGER,
  token TEXT NOT NULL UNIQUE,
  ordered_at INTEGER NOT NULL,
  is_open INTEGER NOT NULL
) STRICT;
CREATE INDEX pages_by_person ON pages (person, ordered_at);
CREATE INDEX pages_with_slot ON pages (person, ordered_at) WHERE slot IS NOT NULL;
CREATE INDEX pages_by_case ON pages (case_id);

CREATE TABLE busy (case_id TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (case_id, person)) STRICT;

CREATE TABLE reports (
  report_id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX reports_by_case ON reports (case_id);

CREATE TABLE received (
  key TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  answer TEXT NOT NULL,
  cases TEXT NOT NULL
) STRICT;

CREATE TABLE editions (
  edition TEXT NOT NULL,
  at INTEGER NOT NULL,
  author TEXT NOT NULL,
  files TEXT NOT NULL,
  PRIMARY KEY (at, edition)
) STRICT;
