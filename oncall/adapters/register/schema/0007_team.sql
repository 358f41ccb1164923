-- A number that somebody adds on the team's page waits, and is not paged, until a code and a key have come from it.
-- Numbers of an import have no added_at and are used at once, as before.
ALTER TABLE person_phones ADD COLUMN added_at TEXT;
ALTER TABLE person_phones ADD COLUMN added_by TEXT;
ALTER TABLE person_phones ADD COLUMN in_use_at TEXT;        -- when both proofs were there
ALTER TABLE person_phones ADD COLUMN texts_proven_at TEXT;  -- when a code that was texted to it was typed
ALTER TABLE person_phones ADD COLUMN code_sent_at TEXT;     -- the code itself is made of this instant and kept nowhere
ALTER TABLE person_phones ADD COLUMN code_tries INTEGER NOT NULL DEFAULT 0;
