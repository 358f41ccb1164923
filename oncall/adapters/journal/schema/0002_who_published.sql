-- Who stood beside the author, why an emergency was lowered, and the difference as both of them saw it.

ALTER TABLE editions ADD COLUMN second TEXT NOT NULL DEFAULT '';
ALTER TABLE editions ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE editions ADD COLUMN difference TEXT NOT NULL DEFAULT '';
