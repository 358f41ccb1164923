-- Swaps, leave, cover and "replace now" as they were asked, and every move of them. No patient. Instants in UTC.
CREATE TABLE rota_requests (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  tier TEXT NOT NULL,                      -- rotation/layer; '' for a leave, which holds everywhere
  holder TEXT NOT NULL,                    -- who gives away, and is on call until it is published
  starts_at TEXT NOT NULL,
  ends_at TEXT NOT NULL,
  back_starts_at TEXT,                     -- what the holder gets in a swap
  back_ends_at TEXT,
  asked TEXT NOT NULL DEFAULT '[]',        -- JSON: the ids of everybody asked, the newest last
  asked_now TEXT NOT NULL DEFAULT '',      -- for "replace now": who is paged beside the holder
  taker TEXT NOT NULL DEFAULT '',
  entered_by TEXT NOT NULL,
  made_at TEXT NOT NULL,
  turn_at TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL,
  is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
  is_replacing INTEGER NOT NULL CHECK (is_replacing IN (0, 1)),
  edition TEXT NOT NULL DEFAULT '',        -- the one that published it
  entries TEXT NOT NULL DEFAULT '[]'       -- JSON: every move, who made it and when
) STRICT;
CREATE INDEX rota_requests_open ON rota_requests (is_open) WHERE is_open = 1;
CREATE INDEX rota_requests_replacing ON rota_requests (is_replacing) WHERE is_replacing = 1;
-- Whoever decides about a page must see at once that its holder is being replaced.
CREATE TRIGGER requests_added AFTER INSERT ON rota_requests BEGIN UPDATE version SET number = number + 1; END;
CREATE TRIGGER requests_changed AFTER UPDATE ON rota_requests BEGIN UPDATE version SET number = number + 1; END;
CREATE TRIGGER requests_removed AFTER DELETE ON rota_requests BEGIN UPDATE version SET number = number + 1; END;
