"""The streams of the log that are no incident's: who might act as what, which routine was in force."""

from domain.vocabulary import Stream

OF_AN_INCIDENT = "incident NOT IN ({})".format(", ".join(f"'{stream}'" for stream in Stream))
"""In a statement: the fact belongs to an incident."""
