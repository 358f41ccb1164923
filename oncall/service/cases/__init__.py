"""Cases as people read them: the board, one case's sheet, picture, story and record."""
