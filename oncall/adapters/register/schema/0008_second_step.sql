-- The second step of signing in, and who an identity provider says somebody is.
ALTER TABLE accounts ADD COLUMN totp_confirmed_at TEXT;                    -- NULL: none, or not tried out yet
ALTER TABLE accounts ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0;      -- the newest half minute whose code was used
ALTER TABLE accounts ADD COLUMN recovery_codes TEXT NOT NULL DEFAULT '';   -- hashes with commas; each works once
ALTER TABLE accounts ADD COLUMN subject TEXT;                              -- issuer and subject, as bound on first use
CREATE UNIQUE INDEX accounts_subject ON accounts (subject) WHERE subject IS NOT NULL;
