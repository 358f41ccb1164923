"""The team: who they are, how they come in, and whether they can really be reached."""
