"""Signing in, accounts, and the team's pages."""
