"""From words, keys and alarms to an assessment, by declared words and rules alone."""
