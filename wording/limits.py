"""Which part of a history is told, and by which of the two clocks."""

from domain.history import Limits
from wording import times
from wording.words import Texts


def heading(limits: Limits, texts: Texts, *, by_writing: bool) -> str:
    """Which reading it is, and by which clock each limit is meant."""
    _ = texts.gettext
    known = _("what is known now")
    if limits.known_at:
        known = _("what was known {time}").format(time=times.clock(limits.known_at))
    if by_writing:
        said = _("as it was written, each step by what was known then")
        said += f", {known}" if limits.known_at else ""
    elif limits.as_of:
        said = _("what had happened {time}, by {known}").format(time=times.clock(limits.as_of), known=known)
    else:
        said = _("as it happened, by {known}").format(known=known)
    return said + (", " + _("entries up to {entry}").format(entry=limits.to_entry) if limits.to_entry else "")
