-- Editions that are published as soon as whoever comes on has answered a test page. No patient. Instants in UTC.
CREATE TABLE rota_waiting (
  id TEXT NOT NULL PRIMARY KEY,
  author TEXT NOT NULL,                    -- whose draft
  by TEXT NOT NULL,                        -- who pressed the button, and signs the edition
  base TEXT NOT NULL,                      -- the edition that was looked at
  edits TEXT NOT NULL,                     -- what the draft held then, as a hash
  people TEXT NOT NULL,                    -- JSON: the ids of everybody who must answer
  asked_at TEXT NOT NULL,
  until TEXT NOT NULL,
  state TEXT NOT NULL,
  is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
  reason TEXT NOT NULL DEFAULT '',
  ended_at TEXT,
  note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX rota_waiting_open ON rota_waiting (is_open) WHERE is_open = 1;
CREATE INDEX rota_waiting_author ON rota_waiting (author, asked_at);
-- The certificate of a month, the newest drills, and what of a day's notices the carrier has not told the end of.
CREATE INDEX notices_kind_ordered ON notices (about_kind, ordered_at);
CREATE INDEX notices_ordered ON notices (ordered_at);
