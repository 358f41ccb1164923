"""Pages and probes that say whether the line lives."""
