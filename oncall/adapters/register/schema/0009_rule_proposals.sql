-- What somebody proposes to put in force and a second person approves or rejects; never deleted.
CREATE TABLE rule_proposals (
  id TEXT NOT NULL PRIMARY KEY,
  author TEXT NOT NULL REFERENCES accounts (person),
  author_name TEXT NOT NULL,
  at TEXT NOT NULL,
  base TEXT NOT NULL,                      -- the edition it was compared with
  edition TEXT NOT NULL,                   -- what it would be called
  reason TEXT NOT NULL DEFAULT '',
  shown TEXT NOT NULL,                     -- the difference as it was read then, as JSON
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'published', 'rejected', 'withdrawn')),
  decided_by TEXT,
  decided_at TEXT,
  why TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE rule_proposal_files (
  proposal TEXT NOT NULL PRIMARY KEY REFERENCES rule_proposals (id),
  brought TEXT NOT NULL                    -- its files with their readings and the comparison, as JSON
) STRICT;
