"""Proof that nobody has touched the log, and what repairs what was only derived."""
