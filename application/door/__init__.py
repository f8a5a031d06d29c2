"""The subscriber's door: what is asked for there, and what becomes of it."""
