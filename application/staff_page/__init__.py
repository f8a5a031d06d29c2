"""What staff see in a browser: the board, what to tell callers, an incident, its report and its replay. Read only."""
