-- What is told to or asked of staff outside of cases. It names no patient. Instants are ISO text in UTC.
CREATE TABLE notices (
  id TEXT NOT NULL PRIMARY KEY,            -- derived from what it is about, the person, the channel and the number
  about_kind TEXT NOT NULL,
  about_ref TEXT NOT NULL,
  person TEXT NOT NULL,                    -- empty where an address stands alone
  sent_to TEXT NOT NULL,                   -- a number or an e-mail address
  channel TEXT NOT NULL CHECK (channel IN ('sms', 'voice', 'mail')),
  words TEXT NOT NULL,
  choices TEXT NOT NULL DEFAULT '[]',      -- JSON: [digit, meaning] each; empty where nothing is asked
  is_test INTEGER NOT NULL DEFAULT 0 CHECK (is_test IN (0, 1)),
  rings INTEGER NOT NULL DEFAULT 1,
  ordered_by TEXT NOT NULL,
  ordered_at TEXT NOT NULL,
  not_before TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  slot INTEGER,                            -- of the same hundred as the slots of pages, never one of theirs
  standing TEXT NOT NULL,
  is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
  attempts INTEGER NOT NULL DEFAULT 0,
  refusals INTEGER NOT NULL DEFAULT 0,
  attempted_at TEXT,
  sent_at TEXT,
  sid TEXT,                                -- the carrier's own name for the newest try
  code INTEGER,
  progress INTEGER NOT NULL DEFAULT 0,
  answer TEXT,
  answered_at TEXT,
  reply_sid TEXT,
  settled_at TEXT,
  is_heard INTEGER NOT NULL DEFAULT 0 CHECK (is_heard IN (0, 1))
) STRICT;
CREATE INDEX notices_open ON notices (is_open, is_heard) WHERE is_open = 1 OR is_heard = 0;
CREATE INDEX notices_about ON notices (about_kind, about_ref);
CREATE INDEX notices_person ON notices (person, ordered_at);
CREATE INDEX notices_reply ON notices (reply_sid) WHERE reply_sid IS NOT NULL;
