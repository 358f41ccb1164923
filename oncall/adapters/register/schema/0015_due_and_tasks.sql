-- What coordinators do about the dates of pumps, and the tasks of the day with their owner, promise and history.
ALTER TABLE tasks ADD COLUMN promised_at TEXT;               -- what a family was told: by when the office answers
ALTER TABLE tasks ADD COLUMN words TEXT NOT NULL DEFAULT ''; -- a family's own, where the task came of them
ALTER TABLE tasks ADD COLUMN taken_by TEXT NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN taken_at TEXT;
ALTER TABLE tasks ADD COLUMN outcome TEXT NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN log TEXT NOT NULL DEFAULT '[]'; -- JSON: [instant, name, what was done] for each move
CREATE INDEX tasks_done ON tasks (done_at) WHERE done_at IS NOT NULL;

-- Booked, done or set aside, by whom and why; undone is marked and never deleted. Instants in UTC.
CREATE TABLE danger_acts (
  id TEXT NOT NULL PRIMARY KEY,
  patient TEXT NOT NULL REFERENCES patients (id),
  reference TEXT NOT NULL,                 -- kind:date of the danger it answers
  act TEXT NOT NULL,
  for_on TEXT,                             -- the day it is booked for, or was done on
  reason TEXT NOT NULL DEFAULT '',
  by TEXT NOT NULL,
  by_name TEXT NOT NULL,
  at TEXT NOT NULL,
  changed TEXT NOT NULL DEFAULT '{}',      -- JSON: what it changed in the record, [before, after] per column
  undone_at TEXT,
  undone_by TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX danger_acts_patient ON danger_acts (patient);
CREATE INDEX danger_acts_standing ON danger_acts (act) WHERE undone_at IS NULL;
CREATE INDEX danger_acts_at ON danger_acts (at);

-- An answer of a family is looked for by the number that we wrote to.
CREATE INDEX notices_to ON notices (sent_to, about_kind);

-- Moves whenever the dates of a pump (1) or a family's numbers (2) change, so that a remembered calendar is read again.
CREATE TABLE calendar_version (id INTEGER NOT NULL PRIMARY KEY CHECK (id IN (1, 2)), number INTEGER NOT NULL) STRICT;
INSERT INTO calendar_version (id, number) VALUES (1, 1), (2, 1);
-- At which of these a patient last changed.
CREATE TABLE calendar_changes (patient TEXT NOT NULL PRIMARY KEY, number INTEGER NOT NULL) STRICT;
CREATE INDEX calendar_changes_number ON calendar_changes (number);
CREATE TRIGGER calendar_patients_added AFTER INSERT ON patients BEGIN
  UPDATE calendar_version SET number = number + 1 WHERE id = 1;
  INSERT INTO calendar_changes (patient, number)
    SELECT NEW.id, number FROM calendar_version WHERE id = 1
    ON CONFLICT (patient) DO UPDATE SET number = excluded.number;
END;
CREATE TRIGGER calendar_patients_changed AFTER UPDATE ON patients BEGIN
  UPDATE calendar_version SET number = number + 1 WHERE id = 1;
  INSERT INTO calendar_changes (patient, number)
    SELECT NEW.id, number FROM calendar_version WHERE id = 1
    ON CONFLICT (patient) DO UPDATE SET number = excluded.number;
END;
CREATE TRIGGER calendar_patients_removed AFTER DELETE ON patients BEGIN
  UPDATE calendar_version SET number = number + 1 WHERE id = 1;
  INSERT INTO calendar_changes (patient, number)
    SELECT OLD.id, number FROM calendar_version WHERE id = 1
    ON CONFLICT (patient) DO UPDATE SET number = excluded.number;
END;
CREATE TRIGGER calendar_patient_phones_added AFTER INSERT ON patient_phones BEGIN
  UPDATE calendar_version SET number = number + 1 WHERE id = 2;
END;
CREATE TRIGGER calendar_patient_phones_changed AFTER UPDATE ON patient_phones BEGIN
  UPDATE calendar_version SET number = number + 1 WHERE id = 2;
END;
CREATE TRIGGER calendar_patient_phones_removed AFTER DELETE ON patient_phones BEGIN
  UPDATE calendar_version SET number = number + 1 WHERE id = 2;
END;
CREATE TRIGGER calendar_family_phones_added AFTER INSERT ON family_phones BEGIN
  UPDATE calendar_version SET number = number + 1 WHERE id = 2;
END;
CREATE TRIGGER calendar_family_phones_changed AFTER UPDATE ON family_phones BEGIN
  UPDATE calendar_version SET number = number + 1 WHERE id = 2;
END;
CREATE TRIGGER calendar_family_phones_removed AFTER DELETE ON family_phones BEGIN
  UPDATE calendar_version SET number = number + 1 WHERE id = 2;
END;
