"""What the program does, for any face."""
