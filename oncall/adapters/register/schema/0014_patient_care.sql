-- Who else cares for a patient, when the battery ends, which phone is rung first, and what the list of patients and
-- a search go by: found_by is the name, id and serial in plain small letters, changed_at moves with the phones too.

ALTER TABLE patients ADD COLUMN eos_on TEXT;
ALTER TABLE patients ADD COLUMN care_services TEXT;                  -- names of rotations, with commas
ALTER TABLE patients ADD COLUMN changed_at TEXT;
ALTER TABLE patients ADD COLUMN found_by TEXT NOT NULL DEFAULT '';
UPDATE patients SET found_by = lower(name || ' ' || id || coalesce(' ' || serial, '')),
  changed_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now');
CREATE INDEX patients_here ON patients (found_by, id) WHERE left_at IS NULL;
CREATE INDEX patients_left ON patients (found_by, id) WHERE left_at IS NOT NULL;
CREATE INDEX patients_by_serial ON patients (serial);
CREATE INDEX patients_changed ON patients (changed_at, id);

ALTER TABLE family_phones ADD COLUMN prefers TEXT CHECK (prefers IN ('text', 'call'));
ALTER TABLE patient_phones ADD COLUMN position INTEGER NOT NULL DEFAULT 100;

ALTER TABLE api_senders ADD COLUMN scope TEXT NOT NULL DEFAULT '';   -- 'patients': reads and writes their records
