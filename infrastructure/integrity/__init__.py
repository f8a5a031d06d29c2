"""Proof that nobody has touched the log, and what mends what was only derived."""
