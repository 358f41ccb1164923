-- A slot that somebody reads out finds its case.

CREATE INDEX pages_by_slot ON pages (slot, ordered_at) WHERE slot IS NOT NULL;
