"""What is derived from the facts and can be thrown away: the board, and what keeps it up to date."""
