"""Exact answers of every part of the triage core, on word lists and rules so small that each can be read here.

They run in a second, so that `make mutants` can try thousands of small mistakes on them.
"""
