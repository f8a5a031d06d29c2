"""The incident, the routine and their words: pure functions, no clock, no database, no mail."""
