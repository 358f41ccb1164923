-- Follow-ups that a closing asked for and that do not stand on the list of tasks yet: written with the closing, taken
-- out when the task is there. A task is left once, so those of the last month are owed again after this step.

CREATE TABLE follow_ups (case_id TEXT PRIMARY KEY) STRICT;

INSERT INTO follow_ups
SELECT DISTINCT cases.case_id FROM cases JOIN entries USING (case_id)
WHERE cases.closed_at > (SELECT max(closed_at) FROM cases) - 2592000000000
  AND entries.kind = 'Closed' AND json_extract(entries.body, '$.follow_up') IS NOT NULL;
