"""Calls and texts as conversations: what each step of a call says next, and what an answer means."""
