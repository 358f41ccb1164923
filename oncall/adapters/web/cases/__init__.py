"""Pages and API of the board and of a case."""
