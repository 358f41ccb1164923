"""Mutation testing: small mistakes put into the rules and the word lists, to see whether the saved cases notice.

`python -m tests.mutation rules` and `python -m tests.mutation words` say how many were noticed and list the rest.
The core's own code is mutated by a library (`make mutants` runs all three).
"""
