"""What people read, in Swedish first: no colour, no terminal, no global."""
