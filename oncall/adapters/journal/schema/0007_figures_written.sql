-- In which order figures were written, so that what was added up of past months is forgotten when one of them moves.

ALTER TABLE figures ADD COLUMN written INTEGER NOT NULL DEFAULT 0;
CREATE INDEX figures_by_writing ON figures (written);
