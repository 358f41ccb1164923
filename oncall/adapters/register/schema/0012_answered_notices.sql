-- The board asks for the newest answered drill, start-of-shift proof and number proof.
CREATE INDEX notices_answered ON notices (about_kind, standing, answered_at);
