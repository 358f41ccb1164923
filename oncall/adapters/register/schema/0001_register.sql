-- The register: people and their phones, patients and their pumps, tasks, API senders, and who changed what.
-- Dates are ISO text, instants ISO text in UTC, truth is 0 or 1. Nothing is deleted: people leave (left_at),
-- numbers retire (retired_at), senders are revoked.

CREATE TABLE people (
  id TEXT NOT NULL PRIMARY KEY,
  full_name TEXT NOT NULL,
  name TEXT NOT NULL,                      -- what families read: "Dr Lee"
  spoken TEXT NOT NULL,                    -- what they hear: "Doctor Lee"
  role TEXT NOT NULL CHECK (role IN ('clinician', 'coordinator', 'shared')),
  languages TEXT NOT NULL DEFAULT 'en',
  left_at TEXT,
  is_sample INTEGER NOT NULL DEFAULT 0 CHECK (is_sample IN (0, 1))
) STRICT;

-- A number belongs to one person at a time; an answer from it is that person's answer.
CREATE TABLE person_phones (
  number TEXT NOT NULL PRIMARY KEY,
  person TEXT NOT NULL REFERENCES people (id),
  position INTEGER NOT NULL,
  proven_at TEXT,                          -- when a human key proved it
  takes_texts INTEGER NOT NULL DEFAULT 1 CHECK (takes_texts IN (0, 1)),
  retired_at TEXT,
  is_sample INTEGER NOT NULL DEFAULT 0 CHECK (is_sample IN (0, 1))
) STRICT;
CREATE INDEX person_phones_person ON person_phones (person);

-- What we know about a number whoever owns it. The carrier blocks texts per number, so STOP stands here.
CREATE TABLE numbers (
  number TEXT NOT NULL PRIMARY KEY,
  stopped_at TEXT,
  not_a_patient_until TEXT,
  marked_by TEXT
) STRICT;

CREATE TABLE family_phones (
  number TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL DEFAULT '',
  relation TEXT NOT NULL,
  language TEXT NOT NULL DEFAULT 'en',
  takes_texts INTEGER NOT NULL DEFAULT 1 CHECK (takes_texts IN (0, 1)),
  verified_at TEXT,                        -- when the family last confirmed this number
  retired_at TEXT,
  is_sample INTEGER NOT NULL DEFAULT 0 CHECK (is_sample IN (0, 1))
) STRICT;

CREATE TABLE patients (
  id TEXT NOT NULL PRIMARY KEY,
  label TEXT NOT NULL DEFAULT '',          -- initials; the age is added when read
  name TEXT NOT NULL,
  language TEXT NOT NULL DEFAULT 'en',
  born_on TEXT,
  diagnosis TEXT,
  model TEXT,
  serial TEXT,
  implanted_on TEXT,
  reservoir_ml REAL,
  concentration TEXT,                      -- for reference only: nothing computes with it
  dose TEXT,                               -- for reference only: nothing computes with it
  low_reservoir_alarm_ml REAL,
  daily_volume_ml REAL,
  last_refill_on TEXT,
  last_refill_at TEXT,
  refill_due_on TEXT,
  refill_booked_on TEXT,
  low_reservoir_on TEXT,
  eri_on TEXT,
  last_mri_at TEXT,
  mri_interrogated_at TEXT,
  last_surgery_on TEXT,
  last_dose_change_at TEXT,
  emergency_room TEXT,
  left_at TEXT,
  is_sample INTEGER NOT NULL DEFAULT 0 CHECK (is_sample IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX patients_serial ON patients (serial) WHERE left_at IS NULL;

-- Siblings and group homes share a phone; one patient may have two.
CREATE TABLE patient_phones (
  patient TEXT NOT NULL REFERENCES patients (id),
  number TEXT NOT NULL REFERENCES family_phones (number),
  retired_at TEXT,
  is_sample INTEGER NOT NULL DEFAULT 0 CHECK (is_sample IN (0, 1)),
  PRIMARY KEY (patient, number)
) STRICT;
CREATE INDEX patient_phones_number ON patient_phones (number);

CREATE TABLE tasks (
  id TEXT NOT NULL PRIMARY KEY,
  title TEXT NOT NULL,
  patient TEXT REFERENCES patients (id),
  owner TEXT REFERENCES people (id),
  case_id TEXT,                            -- the case it came from, in the journal
  due_at TEXT NOT NULL,
  done_at TEXT,
  done_by TEXT,
  is_sample INTEGER NOT NULL DEFAULT 0 CHECK (is_sample IN (0, 1))
) STRICT;
CREATE INDEX tasks_open ON tasks (due_at) WHERE done_at IS NULL;

-- Programs that may call the API. The token itself is shown once and never kept.
CREATE TABLE api_senders (
  name TEXT NOT NULL PRIMARY KEY,
  person TEXT REFERENCES people (id),      -- an acting token is bound to one person, a device token to nobody
  token_sha256 TEXT NOT NULL UNIQUE,
  added_at TEXT NOT NULL,
  revoked_at TEXT,
  is_sample INTEGER NOT NULL DEFAULT 0 CHECK (is_sample IN (0, 1))
) STRICT;

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  what TEXT NOT NULL,
  "row" TEXT NOT NULL                      -- JSON: the row as added, or [before, after] per changed column
) STRICT;
CREATE TRIGGER audit_stays AFTER DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit is never deleted');
END;

-- Moves whenever somebody who can be paged changes, whoever wrote it, so that a remembered directory is dropped.
CREATE TABLE version (id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL) STRICT;
INSERT INTO version (id, number) VALUES (1, 1);
CREATE TRIGGER people_added AFTER INSERT ON people BEGIN UPDATE version SET number = number + 1; END;
CREATE TRIGGER people_changed AFTER UPDATE ON people BEGIN UPDATE version SET number = number + 1; END;
CREATE TRIGGER people_removed AFTER DELETE ON people BEGIN UPDATE version SET number = number + 1; END;
CREATE TRIGGER phones_added AFTER INSERT ON person_phones BEGIN UPDATE version SET number = number + 1; END;
CREATE TRIGGER phones_changed AFTER UPDATE ON person_phones BEGIN UPDATE version SET number = number + 1; END;
CREATE TRIGGER phones_removed AFTER DELETE ON person_phones BEGIN UPDATE version SET number = number + 1; END;
CREATE TRIGGER numbers_added AFTER INSERT ON numbers BEGIN UPDATE version SET number = number + 1; END;
CREATE TRIGGER numbers_changed AFTER UPDATE ON numbers BEGIN UPDATE version SET number = number + 1; END;
CREATE TRIGGER numbers_removed AFTER DELETE ON numbers BEGIN UPDATE version SET number = number + 1; END;
