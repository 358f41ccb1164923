"""The rules' pages, their bench, and proposals."""
