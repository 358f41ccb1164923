-- Who holds which open case, so that a page can say how many its person holds without replaying them all.
-- Cases that were taken before this table was there are told by their last taking or undoing.

CREATE TABLE holding (case_id TEXT PRIMARY KEY, person TEXT NOT NULL) STRICT;
CREATE INDEX holding_by_person ON holding (person);

INSERT INTO holding
SELECT entries.case_id, json_extract(entries.body, '$.person') FROM open_cases JOIN entries USING (case_id)
WHERE entries.kind = 'Acknowledged' AND entries.seq = (
  SELECT max(last.seq) FROM entries AS last
  WHERE last.case_id = entries.case_id AND last.kind IN ('Acknowledged', 'Undone')
);
