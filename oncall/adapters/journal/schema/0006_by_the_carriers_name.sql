-- What the carrier's own lists name, and what is to be fetched from it, finds its case, however many are open.

CREATE INDEX entries_by_sid ON entries (json_extract(body, '$.sid'))
WHERE kind IN ('MessageAccepted', 'MessageProgressed') AND json_extract(body, '$.sid') IS NOT NULL;
CREATE INDEX entries_with_enclosure ON entries (at) WHERE kind = 'EnclosureAdded';
