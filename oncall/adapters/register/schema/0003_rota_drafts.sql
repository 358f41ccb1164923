-- What each coordinator means to change in the rota and has not published: a list of edits, as JSON.
CREATE TABLE rota_drafts (
  author TEXT NOT NULL PRIMARY KEY,
  base TEXT NOT NULL,                      -- the edition that was looked at; '' for a draft without edits
  name TEXT NOT NULL DEFAULT '',
  edits TEXT NOT NULL DEFAULT '[]',
  changed_at TEXT
) STRICT;
