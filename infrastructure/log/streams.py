"""The streams of the log that are no incident's: who might act as what, which routine was in force."""

from domain.vocabulary import Stream

_STREAMS = ", ".join(f"'{stream}'" for stream in Stream)
OF_AN_INCIDENT, OF_NO_INCIDENT = f"incident NOT IN ({_STREAMS})", f"incident IN ({_STREAMS})"
"""In a statement: the fact belongs to an incident, or to none."""
