-- What a closed case counts for in reports, derived from its entries; what stands where a case was purged; and when
-- the journal was last held against itself. Instants are integer microseconds UTC, targets seconds.

CREATE TABLE figures (
  case_id TEXT PRIMARY KEY,
  opened_at INTEGER NOT NULL,
  closed_at INTEGER NOT NULL,
  pace INTEGER,
  language TEXT NOT NULL,
  paged_at INTEGER,
  taken_at INTEGER,
  reached_at INTEGER,
  target REAL,
  reach_target REAL,
  climbed INTEGER NOT NULL,
  rounds INTEGER NOT NULL,
  passed_on INTEGER NOT NULL,
  not_me INTEGER NOT NULL,
  off_duty INTEGER NOT NULL,
  missed INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  needed INTEGER,
  texts INTEGER NOT NULL,
  texts_lost INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  calls_lost INTEGER NOT NULL,
  calls_unanswered INTEGER NOT NULL,
  silent TEXT NOT NULL                     -- JSON: ids of people who were rung and gave no sign
) STRICT;
CREATE INDEX figures_by_opening ON figures (opened_at);
CREATE INDEX cases_by_opening ON cases (opened_at);

CREATE TABLE tombstones (
  number INTEGER PRIMARY KEY,
  case_id TEXT NOT NULL UNIQUE,
  code TEXT NOT NULL,
  entries INTEGER NOT NULL,
  last_hash TEXT NOT NULL,                 -- of the case's own chain
  closed_at INTEGER NOT NULL,
  purged_at INTEGER NOT NULL,
  purged_by TEXT NOT NULL,
  export_sha256 TEXT NOT NULL,             -- of the file that holds what was purged
  hash TEXT NOT NULL                       -- ties this one to the tombstone before it
) STRICT;
CREATE TRIGGER tombstones_are_never_changed BEFORE UPDATE ON tombstones
BEGIN SELECT RAISE(ABORT, 'a tombstone stays as it is'); END;
CREATE TRIGGER tombstones_are_never_taken_away BEFORE DELETE ON tombstones
BEGIN SELECT RAISE(ABORT, 'a tombstone stays'); END;

CREATE TABLE audits (at INTEGER PRIMARY KEY, faults INTEGER NOT NULL) STRICT;
