"""The clinicians' work: rules in sentences, their bench, their examples, their laws and proposals."""
