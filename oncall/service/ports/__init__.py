"""What the duty desk needs from the world, each as a small contract.

The desk knows no vendor, no database and no wall clock: it is handed these. Every port has an in-memory twin that is
shipped and used by the tests, and one suite of contract tests runs over all implementations. Deliberately not here:
anything that only one adapter needs.
"""
