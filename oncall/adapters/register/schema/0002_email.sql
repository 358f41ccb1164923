-- An address for when no telephone route takes a page; never an acknowledgement.
ALTER TABLE people ADD COLUMN email TEXT;
