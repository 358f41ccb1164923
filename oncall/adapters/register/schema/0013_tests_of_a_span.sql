-- Tests and drills of a span, for reports and for the health of the line.
CREATE INDEX notices_tests ON notices (is_test, ordered_at);
