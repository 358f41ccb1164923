"""What a month was: counted, said, and compared with a pilot's old way."""
