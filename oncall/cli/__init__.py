"""The `oncall` command, a file for each group of its commands."""
